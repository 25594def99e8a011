"""Features channels last: the numbers of channels first; convolutions, shuffles and sums as they should lie."""

from collections import Counter

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from crosscodec.codec.graph import Graph
from crosscodec.learn import integers
from crosscodec.learn.channels_last import TOGETHER, channels_last, in_cells, of_cells
from crosscodec.learn.integers import in_integers
from crosscodec.learn.onnxfile import CELLS, INTEGER_KERNEL, OUTPUTS, onnx_bytes
from crosscodec.learn.photo.networks import Residual

pytestmark = pytest.mark.training

ALL = ("down", "up.0", "side", "tail.0")


class Net(nn.Module):
    """What the pyramids of the photo codec consist of: sums over two resolutions, shuffles inside and at the end."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.first = nn.Conv2d(3, 10, 6, stride=2, padding=2)
        self.fine = Residual(10)
        self.down = nn.Conv2d(10, 16, 2, stride=2)
        self.level = nn.Parameter(torch.randn(16, 1, 1))
        self.coarse = Residual(16)
        self.up = nn.Sequential(nn.Conv2d(16, 40, 1), nn.PixelShuffle(2))
        self.again = Residual(10)
        self.tail = nn.Sequential(nn.Conv2d(10, 12, 3, padding=1), nn.PixelShuffle(2))
        self.side = nn.Conv2d(16, 5, 2, stride=2)
        self.narrow = nn.Conv2d(3, 5, 8, stride=8)
        for block in (self.fine, self.coarse, self.again):
            nn.init.normal_(block.second.weight, std=0.1)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Five planes of an eighth of the height and width."""
        half = self.fine(self.first(pictures))
        quarter = self.coarse(self.down(half) + pictures[:, :1, :1, :1] * self.level)
        half = self.again(half + self.up(quarter))
        return self.narrow(pictures + 0.1 * self.tail(half)) + 0.3 * self.side(quarter)


def pictures(count, height=24, width=32):
    return [a[None] for a in np.random.default_rng(0).random((count, 3, height, width), dtype=np.float32)]


@pytest.fixture(scope="module")
def floats():
    return onnx_bytes(Net(), torch.zeros(1, 3, 16, 24))


def graphs(floats, monkeypatch, further):
    """In integers with channels last, and as the tool leaves it."""
    laid_out = in_integers(floats, pictures(4), further)
    monkeypatch.setattr(integers, "channels_last", lambda model: model)
    return laid_out, in_integers(floats, pictures(4), further)


@pytest.mark.parametrize("further", [(), ("down",), ("up.0",), ("tail.0",), ("side",), ALL], ids=str)
def test_the_numbers_are_the_same(floats, monkeypatch, further):
    laid_out, plain = graphs(floats, monkeypatch, further)
    assert laid_out != plain
    for height, width in ((8, 8), (24, 32), (40, 8)):
        for picture in pictures(2, height, width):
            found, expected = (Graph(data, "test")(picture) for data in (laid_out, plain))
            # Whole numbers are the same; convolutions in floats may add in another order.
            np.testing.assert_allclose(found, expected, atol=2e-6)


def nodes(data):
    return onnx.load_from_string(data).graph.node


def test_shuffles_of_features_move_runs_and_the_rest_stays(floats, monkeypatch):
    laid_out, plain = graphs(floats, monkeypatch, ("up.0",))
    assert [Counter(n.op_type for n in nodes(data))["DepthToSpace"] for data in (plain, laid_out)] == [2, 1]
    runs = [n for n in nodes(laid_out) if n.op_type == "Transpose" and len(n.attribute[0].ints) == 5]
    assert [list(n.attribute[0].ints) for n in runs] == [[0, 1, 3, 2, 4]]


def test_between_integer_convolutions_everything_is_channels_last(floats):
    graph = onnx.load_from_string(in_integers(floats, pictures(4), ALL)).graph
    makers = {output: node for node in graph.node for output in node.output}
    users = {name: node for node in graph.node for name in node.input}
    layers = [node for node in graph.node if node.op_type == INTEGER_KERNEL]
    assert len(layers) == 10
    for layer in layers:
        before, after = makers[layer.input[0]], users[layer.output[0]]
        assert list(before.attribute[0].ints) == [0, 3, 1, 2]
        assert list(after.attribute[0].ints) == [0, 2, 3, 1]
    assert not any(node.op_type == "DepthToSpace" for node in graph.node)


def test_outputs_before_a_shuffle_are_filled_up_to_what_the_kernel_computes_together(floats):
    graph = onnx.load_from_string(in_integers(floats, pictures(4), ALL)).graph
    arrays = {constant.name: onnx.numpy_helper.to_array(constant) for constant in graph.initializer}
    kernels = {n.input[3]: n.input for n in graph.node if n.op_type == INTEGER_KERNEL and CELLS in n.input[3]}
    assert {len(arrays[name]) for name in kernels} == {16, 48}  # of 12 and 40
    for name, inputs in kernels.items():
        assert len(arrays[name]) % TOGETHER == 0
        assert (arrays[inputs[4]] > 0).all()
    assert {name: array.tolist() for name, array in arrays.items() if name.endswith(OUTPUTS)} == {
        "up.0.outputs": [10],
        "tail.0.outputs": [3],
    }


@pytest.mark.parametrize(("outputs", "channels"), [(3, 4), (3, 3), (10, 12)])
@pytest.mark.parametrize("shape", [(), (2, 3, 3)])
def test_cells_and_back(outputs, channels, shape):
    array = np.arange(4 * outputs * int(np.prod(shape)), dtype=np.int32).reshape(4 * outputs, *shape)
    cells = in_cells(array, channels)
    assert cells.shape == (4 * channels, *shape)
    assert np.array_equal(cells[1], array[4])  # the second channel of the first cell
    assert np.array_equal(of_cells(cells, outputs), array)
    assert not cells[outputs:channels].any()


def test_a_graph_without_integers_stays_as_it_is(floats):
    model = onnx.load_from_string(floats)
    before = [(n.op_type, list(n.input), list(n.output)) for n in model.graph.node]
    assert [(n.op_type, list(n.input), list(n.output)) for n in channels_last(model).graph.node] == before
