"""Residual blocks in integers: which they are, what it costs, and that the rest stays."""

from collections import Counter

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from crosscodec.codec.graph import Graph
from crosscodec.learn.integers import in_integers, residual_layers
from crosscodec.learn.onnxfile import INTEGER_KERNEL, onnx_bytes
from crosscodec.learn.photo.networks import Residual

pytestmark = pytest.mark.training


class Net(nn.Module):
    """Two residual blocks between convolutions; the sum of the last two is none."""

    def __init__(self, blocks: int = 2) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first = nn.Conv2d(3, 80, 3, padding=1)
        self.blocks = nn.Sequential(*[Residual(80) for _ in range(blocks)])
        for parameter in self.blocks.parameters():
            nn.init.normal_(parameter, std=0.03)
        self.one, self.two = nn.Conv2d(80, 4, 1), nn.Conv2d(80, 4, 1)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Four planes of the same height and width."""
        features = self.blocks(self.first(pictures))
        return self.one(features) + self.two(torch.relu(features))


def pictures(count, size=24):
    return [array[None] for array in np.random.default_rng(0).random((count, 3, size, size), dtype=np.float32)]


@pytest.fixture(scope="module")
def floats():
    return onnx_bytes(Net(), torch.zeros(1, 3, 5, 7))


@pytest.fixture(scope="module")
def integers(floats):
    return in_integers(floats, pictures(8))


def kinds(data):
    return Counter(node.op_type for node in onnx.load_from_string(data).graph.node)


def test_residual_blocks_are_found_and_nothing_else(floats):
    names = residual_layers(onnx.load_from_string(floats))
    nodes = {node.name: node.op_type for node in onnx.load_from_string(floats).graph.node}
    assert [nodes[name] for name in names] == ["Conv", "Relu", "Conv"] * 2
    assert len(set(names)) == 6


def test_the_blocks_and_they_alone_are_in_integers(floats, integers):
    assert (kinds(floats)["Conv"], kinds(floats)[INTEGER_KERNEL]) == (7, 0)
    assert (kinds(integers)["Conv"], kinds(integers)[INTEGER_KERNEL]) == (3, 4)
    assert len(integers) < 0.8 * len(floats)


def test_kernels_have_seven_bits_and_scales_of_every_channel_in_float32(integers):
    graph = onnx.load_from_string(integers).graph
    arrays = {weight.name: onnx.numpy_helper.to_array(weight) for weight in graph.initializer}
    for node in (node for node in graph.node if node.op_type == INTEGER_KERNEL):
        kernel, scale = arrays[node.input[3]], arrays[node.input[4]]
        assert (kernel.dtype, scale.dtype, scale.shape) == (np.int8, np.float32, (80,))
        assert 60 <= np.abs(kernel.astype(int)).max() <= 64


@pytest.mark.parametrize("size", [24, 5, 64])
def test_it_gives_what_the_floats_give_but_for_rounding(floats, integers, size):
    (picture,) = pictures(1, size)
    expected, found = (Graph(data, "test")(picture) for data in (floats, integers))
    error = np.sqrt(np.mean((found - expected) ** 2))
    assert 0 < error < 0.02 * expected.std()


def test_without_residual_blocks_nothing_changes():
    plain = onnx_bytes(Net(blocks=0), torch.zeros(1, 3, 5, 7))
    assert in_integers(plain, pictures(1)) == plain


def test_twice_is_once(integers):
    assert in_integers(integers, pictures(1)) == integers


def test_the_tool_says_nothing(floats, capfd):
    in_integers(floats, pictures(2))
    assert capfd.readouterr() == ("", "")


def test_the_file_says_nothing_of_the_machine(integers):
    onnx.checker.check_model(onnx.load_from_string(integers))
    for trace in (b"stack_trace", b"test_integers", b"site-packages", b"/src/", b"/tmp"):
        assert trace not in integers
