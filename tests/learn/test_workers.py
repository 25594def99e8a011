"""One process here; two, over gloo as `accelerate launch` starts them on CPUs, are the slow test at the end."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from learn.transport.tiny import EMBEDDING, write_tiny
from safetensors.torch import load_file
from torch import nn

from crosscodec.errors import UsageError
from crosscodec.learn import workers as learn_workers
from crosscodec.learn.checkpoint import NAME
from crosscodec.learn.workers import Workers

SCRIPT = """
import sys
from pathlib import Path
from crosscodec.learn.train import read_recipe
from crosscodec.learn.transport import train
from crosscodec.learn.transport.data import load_data
train.export_package = lambda *given: b""
recipe, folder = read_recipe(Path(sys.argv[1])), Path(sys.argv[2])
train.train_transport(recipe, load_data(recipe.data, "train", None), folder, True, {})
"""


class Second(Workers):
    """The second of two processes, as far as shares go; no process is started."""

    count = 2

    def __init__(self) -> None:
        super().__init__()
        self.accelerator = type("Accelerator", (), {"process_index": 1, "device": torch.device("cpu")})()


def test_alone_it_works_on_everything():
    workers = Workers()
    batch = torch.arange(6.0).reshape(3, 2)
    assert (workers.count, workers.main) == (1, True)
    assert torch.equal(workers.share(batch).cpu(), batch)


def test_shares_of_two_are_disjoint_and_equal():
    assert Second().share(torch.arange(6)).tolist() == [1, 3, 5]
    with pytest.raises(UsageError, match=r"training.batch = 5 must be a multiple of the 2 processes"):
        Second().share(torch.arange(5))


def test_a_batch_that_cannot_be_shared_is_refused_at_once(monkeypatch):
    monkeypatch.setattr(Workers, "count", 3)
    assert Workers(batch=6).count == 3
    with pytest.raises(UsageError, match=r"training.batch = 8 must be a multiple of the 3 processes"):
        Workers(batch=8)


def test_counts_of_one_process_are_the_total():
    assert Workers().total(torch.tensor([1.0, 2.0])).tolist() == [1.0, 2.0]


def test_gradients_of_one_process_stay():
    layer = nn.Linear(2, 1, bias=False)
    layer.weight.grad = torch.tensor([[1.0, 2.0]])
    Workers().average_gradients(layer.parameters())
    assert layer.weight.grad.tolist() == [[1.0, 2.0]]


def test_gradients_go_in_one_message_and_come_back_in_their_places():
    messages = []

    class Accelerator:
        @staticmethod
        def reduce(tensor, reduction):
            messages.append(reduction)
            return 2 * tensor

    layers = [nn.Linear(2, 3, bias=False), nn.Linear(1, 1, bias=False), nn.Linear(3, 1, bias=False)]
    layers[0].weight.grad = torch.arange(6.0).reshape(3, 2)
    layers[2].weight.grad = torch.tensor([[6.0, 7.0, 8.0]])
    second = Second()
    second.accelerator = Accelerator()
    second.average_gradients([layer.weight for layer in layers])
    assert messages == ["mean"]
    assert layers[0].weight.grad.tolist() == [[0, 2], [4, 6], [8, 10]]
    assert layers[1].weight.grad is None
    assert layers[2].weight.grad.tolist() == [[12, 14, 16]]


@pytest.mark.parametrize(("precision", "dtype"), [("no", torch.float32), ("bf16", torch.bfloat16)])
def test_networks_run_in_the_precision_asked_for(precision, dtype, monkeypatch):
    monkeypatch.setattr(learn_workers, "cpu_computes_bfloat16", lambda: True)
    workers = Workers(precision)
    layer = nn.Linear(2, 2).to(workers.device)
    with workers.autocast():
        assert layer(torch.ones(1, 2, device=workers.device)).dtype == dtype


def test_unknown_precisions_are_refused():
    with pytest.raises(UsageError, match=r"training.precision must be one of .*bf16.*, not 'half'"):
        Workers("half")


def test_a_device_without_bfloat16_is_named_before_anything_else(monkeypatch):
    monkeypatch.setattr(Workers, "device", torch.device("cuda"))
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "Old One")
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: False)
    assert not Workers("no").reduced
    with pytest.raises(UsageError, match=r"training.precision = bf16: Old One computes no bfloat16"):
        Workers("bf16")
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: True)
    assert Workers("bf16").reduced


def test_a_cpu_without_bfloat16_computes_in_float32_and_says_so_once(monkeypatch, caplog):
    monkeypatch.setattr(Workers, "device", torch.device("cpu"))
    monkeypatch.setattr(learn_workers, "cpu_computes_bfloat16", lambda: False)
    learn_workers._tell_of_float32.cache_clear()
    for _ in range(2):
        workers = Workers("bfloat16")
        assert not workers.reduced
        with workers.autocast():
            assert nn.Linear(2, 2)(torch.ones(1, 2)).dtype == torch.float32
    assert [record.message for record in caplog.records] == [
        "this CPU has no instructions for bfloat16, which would be slower; networks are computed in float32"
    ]
    assert not Workers("no").reduced
    assert len(caplog.records) == 1


def test_whether_the_cpu_computes_bfloat16_is_what_torch_says(monkeypatch):
    assert learn_workers.cpu_computes_bfloat16() in (False, True)
    if torch.backends.cpu.get_cpu_capability() == "AVX2":
        assert not learn_workers.cpu_computes_bfloat16()
    monkeypatch.setattr(torch.ops, "mkldnn", object())
    assert not learn_workers.cpu_computes_bfloat16()


def test_threads_are_set():
    before = torch.get_num_threads()
    try:
        Workers("no", 1)
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)


@pytest.mark.slow
def test_two_processes_train_what_one_does(tmp_path):
    """The same global batches, half of each in either process: the same weights but for the order of sums.

    Of quantisers and networks, those without statistics of the batch: a normalisation has its own in each process, in
    scalar quantisers as in the head, whose gradient reaches nothing else while its cross-entropy is not charged and
    gradients are not clipped together.
    """
    objective = {"lambda_rate": 0.01, "lambda_perception": 0.1}
    recipe = write_tiny(tmp_path, EMBEDDING, {"objective": objective, "training": {"clip": 1e9}})
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    tests = Path(__file__).parent.parent
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(tests)}
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    for name, how in (("one", []), ("two", launch)):
        (tmp_path / name).mkdir()
        words = [sys.executable, *how, str(script), str(recipe), str(tmp_path / name)]
        done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=280)
        assert done.returncode == 0, done.stderr[-2000:]
    one, two = (load_file(tmp_path / name / NAME) for name in ("one", "two"))
    weights = [name for name in one if name.startswith("weight/") and ".head." not in name]
    assert any("codebooks" in name for name in weights)
    assert any(name.startswith("weight/critic/") for name in weights)
    for name in weights:
        torch.testing.assert_close(two[name], one[name], atol=2e-5, rtol=1e-4, msg=name)
