import numpy as np
import onnx
import pytest
import torch
from torch import nn

from crosscodec.codec.graph import Graph
from crosscodec.learn import onnxfile
from crosscodec.learn.onnxfile import (
    BYTES,
    SMALLEST_HALVED,
    WORTH,
    Sketch,
    onnx_bytes,
    onnx_files,
    shrink_weights,
    weights_as_bytes,
    widen_weights,
)

pytestmark = pytest.mark.training


class Picture(nn.Module):
    """A convolution with weights that float16 rounds, and a bias that stays float32."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.conv = nn.Conv2d(3, 8, 3, padding=1)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Features of the same height and width."""
        return torch.relu(self.conv(pictures))


@pytest.fixture(scope="module")
def network():
    return Picture()


@pytest.fixture(scope="module")
def data(network):
    return onnx_bytes(network, torch.zeros(1, 3, 5, 7))


@pytest.mark.parametrize("size", [(5, 7), (1, 1), (16, 40)])
def test_height_and_width_are_free(network, data, size):
    pictures = torch.rand(1, 3, *size)
    with torch.no_grad():
        expected = network(pictures).numpy()
    np.testing.assert_allclose(Graph(data, "test")(pictures.numpy()), expected, atol=2e-3)


class Means(nn.Module):
    """Numbers of each picture, laid out as a picture again: shapes that have the number of pictures in them."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(2)
        self.linear = nn.Linear(3 * 5 * 7, 8)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Two planes (B,2,2,2) of each picture."""
        return self.linear(pictures.flatten(1)).unflatten(1, (2, 2, 2))


@pytest.fixture(scope="module")
def batched():
    return {kind: Graph(onnx_bytes(kind(), torch.zeros(3, 3, 5, 7), (0,)), "test") for kind in (Picture, Means)}


@pytest.mark.parametrize("count", [1, 2, 3, 9])
@pytest.mark.parametrize("kind", [Picture, Means])
def test_the_batch_is_free_when_asked_for(batched, kind, count):
    pictures = torch.rand(count, 3, 5, 7, generator=torch.Generator().manual_seed(count))
    with torch.no_grad():
        expected = kind().eval()(pictures).numpy()
    np.testing.assert_allclose(batched[kind](pictures.numpy()), expected, atol=2e-3)


class Rows(nn.Module):
    """Pictures row after row, by their height: a graph must have sizes as symbols for it."""

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Numbers (1, 3 H, W)."""
        _, planes, height, width = pictures.shape
        return pictures.reshape(1, planes * height, width) / height


def test_a_graph_that_would_hold_for_its_example_alone_is_traced_with_symbols():
    graph = Graph(onnx_bytes(Rows(), torch.zeros(1, 3, 5, 7)), "test")
    for height, width in ((5, 7), (10, 14), (2, 9)):
        pictures = np.random.default_rng(0).random((1, 3, height, width), dtype=np.float32)
        np.testing.assert_allclose(graph(pictures), pictures.reshape(1, -1, width) / height, rtol=1e-6)


def test_sizes_are_traced_as_symbols_only_where_they_matter(network, monkeypatch):
    traced, real = [], onnxfile._traced
    monkeypatch.setattr(onnxfile, "_traced", lambda *given: traced.append(given[2]) or real(*given))
    onnx_bytes(network, torch.zeros(1, 3, 5, 7))
    assert traced == [((),)]
    onnx_bytes(Rows(), torch.zeros(1, 3, 5, 7))
    assert traced == [((),), ((),), ((2, 3),)]
    onnx_bytes(Means(), torch.zeros(3, 3, 5, 7), (0,))
    assert traced == [((),), ((),), ((2, 3),), ((),)]


def test_large_weights_are_halved_and_small_ones_are_not(network, data):
    weights = {tuple(w.dims): w.data_type for w in onnx.load_from_string(data).graph.initializer}
    assert np.prod((8, 3, 3, 3)) >= SMALLEST_HALVED > 8
    assert weights[(8, 3, 3, 3)] == onnx.TensorProto.FLOAT16
    assert weights[(8,)] == onnx.TensorProto.FLOAT


def test_the_file_is_valid_and_says_nothing_of_the_machine(data):
    onnx.checker.check_model(onnx.load_from_string(data))
    for trace in (b"stack_trace", b"test_onnxfile", b"site-packages", b"/src/"):
        assert trace not in data


def test_widened_weights_are_those_that_were_stored(data):
    model = widen_weights(onnx.load_from_string(data))
    assert {weight.data_type for weight in model.graph.initializer} == {onnx.TensorProto.FLOAT}
    assert "Cast" not in {node.op_type for node in model.graph.node}
    picture = np.random.default_rng(0).random((1, 3, 9, 9), dtype=np.float32)
    np.testing.assert_array_equal(Graph(model.SerializeToString(), "wide")(picture), Graph(data, "half")(picture))
    again = {weight.name: weight.data_type for weight in shrink_weights(model).graph.initializer}
    assert again == {weight.name: weight.data_type for weight in onnx.load_from_string(data).graph.initializer}


def test_the_largest_weights_become_bytes_worth_a_scale_for_each_channel(network, data, monkeypatch):
    monkeypatch.setattr(onnxfile, "SMALLEST_IN_BYTES", 8 * 3 * 3 * 3)
    model = weights_as_bytes(onnx.load_from_string(data))
    arrays = {w.name: onnx.numpy_helper.to_array(w) for w in model.graph.initializer}
    whole, worth = arrays[f"conv.weight{BYTES}"], arrays[f"conv.weight{WORTH}"]
    assert (whole.dtype, worth.shape) == (np.int8, (8, 1, 1, 1))
    assert (np.abs(whole).max(axis=(1, 2, 3)) == 127).all()
    kernel = network.conv.weight.detach().numpy()
    assert np.abs(whole * worth - kernel).max() <= worth.max() * 0.51 + 1e-4
    pictures = torch.rand(1, 3, 6, 9)
    with torch.no_grad():
        expected = network(pictures).numpy()
    np.testing.assert_allclose(Graph(model.SerializeToString(), "test")(pictures.numpy()), expected, atol=0.02)


def test_weights_below_the_size_stay_halved(data):
    model = onnx.load_from_string(data)
    assert weights_as_bytes(onnx.load_from_string(data)) == model


class Scaled(nn.Module):
    """A convolution that may be shared, a gain, and a bias of zeros as other networks have them."""

    def __init__(self, shared: nn.Conv2d, gain: float) -> None:
        super().__init__()
        self.shared, self.gain = shared, nn.Parameter(torch.tensor(gain))
        self.bias = nn.Parameter(torch.zeros(1, 8, 1, 1))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Features (N, 8, H, W) of as many."""
        scaled: torch.Tensor = self.gain * self.shared(features) + self.bias
        return scaled


def test_networks_that_are_traced_together_are_what_they_are_alone(network):
    torch.manual_seed(0)
    shared = nn.Conv2d(8, 8, 3, padding=1)
    sketches = {
        "first": Sketch(Scaled(shared, 2.0), torch.zeros(1, 8, 5, 7)),
        "pictures": Sketch(network, torch.zeros(1, 3, 5, 7)),
        "second": Sketch(Scaled(shared, -3.0), torch.zeros(1, 8, 5, 7)),
        "rows": Sketch(Rows(), torch.zeros(1, 3, 5, 7)),
        "many": Sketch(Means(), torch.zeros(3, 3, 5, 7), (0,)),
    }
    files = onnx_files(sketches)
    assert list(files) == list(sketches)
    for name, sketch in sketches.items():
        alone = onnx.load_from_string(onnx_bytes(*sketch))
        assert files[name] == alone.SerializeToString(), name
        given = np.random.default_rng(0).random(sketch.example.shape, dtype=np.float32)
        with torch.no_grad():
            expected = sketch.network(torch.from_numpy(given)).numpy()
        np.testing.assert_allclose(Graph(files[name], name)(given), expected, atol=2e-3)
    assert {"gain", "bias", "shared.bias"} <= {w.name for w in onnx.load_from_string(files["second"]).graph.initializer}
    assert onnx.load_from_string(files["first"]).graph.input[0].name == "features"
