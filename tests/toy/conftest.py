"""One run of a few steps for all tests of the room: real processes, real files, and a straight line for each network.

torch's exporter takes seconds; the slow tests of test_run.py have it.
"""

import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from crosscodec.toy import export
from crosscodec.toy.run import ToyRun, toy_run
from crosscodec.toy.settings import ToySettings

TINY = ToySettings(rate=1.0, symbols=2**14, steps=3, batch=256, hidden=8, seed=3)


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("toy")


@pytest.fixture(scope="session")
def tiny_run(tiny_folder) -> ToyRun:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(export, "onnx_files", straight_lines)
        return toy_run(TINY, tiny_folder)


def straight_lines(sketches):
    return {name: straight_line(*sketch) for name, sketch in sketches.items()}


def straight_line(network, example, dynamic):
    """The line through two points of a network that takes numbers one by one, as ONNX."""
    reach = 0.02 if example.mean() else 0.5  # encoders take the scale 0..1, decoders whole numbers
    with torch.no_grad():
        low, middle, high = (network.eval()(example + step) for step in (-reach, 0.0, reach))
    slope = float((high - low).mean()) / (2 * reach)
    numbers = {"slope": slope, "offset": float(middle.mean()) - slope * float(example.mean())}
    constants = [numpy_helper.from_array(torch.tensor(value).numpy(), name) for name, value in numbers.items()]
    constants.append(numpy_helper.from_array(torch.tensor([0, *middle.shape[1:]]).numpy(), "shape"))
    nodes = [
        helper.make_node("Mul", ["in", "slope"], ["scaled"]),
        helper.make_node("Add", ["scaled", "offset"], ["moved"]),
        helper.make_node("Reshape", ["moved", "shape"], ["out"]),
    ]
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", *tensor.shape[1:]])
        for name, tensor in (("in", example), ("out", middle))
    ]
    graph = helper.make_graph(nodes, "line", ends[:1], ends[1:], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()
