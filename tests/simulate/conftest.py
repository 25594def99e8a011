"""What the tests of simulations share: a run in this process, which saves two seconds of starting others."""

import pytest

from crosscodec.simulate import discrete, gaussian, vector
from crosscodec.simulate.children import Exchange
from crosscodec.simulate.codes import decode_file, encode_file


@pytest.fixture
def in_process(monkeypatch):
    """Let simulations code and decode in this process; tests of two processes do without."""

    def exchange(code, source, folder):
        data = encode_file(code, source)
        return Exchange(data, decode_file(data), 0.0, 0.0)

    for module in (discrete, gaussian, vector):
        monkeypatch.setattr(module, "exchange", exchange)
