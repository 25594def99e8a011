import pytest

from crosscodec.repro.item import Request


@pytest.fixture
def smoke(tmp_path) -> Request:
    return Request("smoke", 3, tmp_path)
