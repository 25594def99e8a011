import numpy as np
import pytest
from toypackage import toy_package_bytes

from crosscodec.codec.graph import THREADS_VARIABLE, Graph, thread_count
from crosscodec.codec.package import ENCODER, parse_package
from crosscodec.errors import CorruptData, UsageError


def test_a_graph_maps_arrays(tmp_path):
    package = parse_package(toy_package_bytes(), tmp_path)
    result = Graph(package.parts[ENCODER], "toy")(np.full((1, 3, 8, 4), 0.5, np.float32))
    np.testing.assert_allclose(result, np.full((1, 3, 2, 1), 16.0))


def test_nonsense_is_named():
    with pytest.raises(CorruptData, match="network toy cannot be started"):
        Graph(b"no model", "toy")


def test_threads_come_from_the_environment(monkeypatch):
    monkeypatch.setenv(THREADS_VARIABLE, "3")
    assert thread_count() == 3
    monkeypatch.delenv(THREADS_VARIABLE)
    assert thread_count() >= 1
    for wrong in ("0", "two", "-1"):
        monkeypatch.setenv(THREADS_VARIABLE, wrong)
        with pytest.raises(UsageError, match="whole number of threads"):
            thread_count()
