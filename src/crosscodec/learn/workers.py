"""The processes and devices of one run, by accelerate: one CPU, one GPU, or several GPUs with the same code.

    accelerate launch --num_processes 4 -m crosscodec.cli.main train recipe.toml --out runs/a

Every process draws the same global batch of a step, works on its share of it, and the gradients are averaged, so that
a run on four devices takes the very batches of a run on one. No module is wrapped: what is trained is what is exported.
"""

import functools
import logging
from collections.abc import Iterable

import torch
from accelerate import Accelerator
from torch import Tensor, nn

from crosscodec.errors import UsageError

_LOG = logging.getLogger(__name__)

PRECISIONS = {"no": False, "float32": False, "bf16": True, "bfloat16": True}  # whether reduced


def cpu_computes_bfloat16() -> bool:
    """Whether the CPU has instructions that bfloat16 gains from, AVX-512 and its like. One without, such as AMD's
    before Zen 4, converts every number there and back: a step of the photo codec's analysis takes twelve times as long.
    """
    supported = getattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", None)  # absent where torch was built without
    return supported is not None and bool(supported())


@functools.cache
def _tell_of_float32() -> None:
    """Once in a process."""
    _LOG.warning("this CPU has no instructions for bfloat16, which would be slower; networks are computed in float32")


class Workers:
    """The processes of a run, as seen from one of them.

    On a CPU that only slows down by bfloat16, networks are computed in float32, whatever ``precision`` says.

    Raises UsageError for a precision that is unknown or not to be had here, and for a batch that the processes cannot
    share: make it before anything else of a run.
    """

    def __init__(self, precision: str = "no", threads: int = 0, batch: int = 0) -> None:
        if precision not in PRECISIONS:
            raise UsageError(f"training.precision must be one of {', '.join(PRECISIONS)}, not {precision!r}")
        if threads:
            torch.set_num_threads(threads)
        # accelerate knows one precision a process; classifiers have another than codecs, hence `autocast` below.
        self.accelerator = Accelerator(mixed_precision="no", cpu=not torch.cuda.is_available())
        self.reduced = PRECISIONS[precision]
        if self.reduced and self.device.type == "cuda" and not torch.cuda.is_bf16_supported():
            raise UsageError(f"training.precision = {precision}: {torch.cuda.get_device_name()} computes no bfloat16")
        if self.reduced and self.device.type == "cpu" and not cpu_computes_bfloat16():
            self.reduced = False
            if self.main:
                _tell_of_float32()
        self._require_shares(batch)
        # Whole numbers and linear paths with large values go through float32 convolutions: ten bits would not do.
        torch.backends.cudnn.allow_tf32 = False
        torch.backends.cudnn.benchmark = True

    @property
    def device(self) -> torch.device:
        """Where this process computes."""
        device: torch.device = self.accelerator.device
        return device

    @property
    def count(self) -> int:
        """Number of processes."""
        return int(self.accelerator.num_processes)

    @property
    def main(self) -> bool:
        """Whether this process writes logs, checkpoints and packages."""
        return bool(self.accelerator.is_main_process)

    def share(self, batch: Tensor) -> Tensor:
        """Of a batch, whose first axis counts samples, the part of this process."""
        self._require_shares(len(batch))
        return batch[int(self.accelerator.process_index) :: self.count].to(self.device, non_blocking=True)

    def _require_shares(self, batch: int) -> None:
        if batch % self.count:
            raise UsageError(f"training.batch = {batch} must be a multiple of the {self.count} processes")

    def autocast(self) -> torch.autocast:
        """Reduced precision for networks, as the recipe asks; float32 where it says nothing."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.reduced)

    def average_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Replace gradients by their mean over all processes."""
        if self.count == 1:
            return
        gradients = [p.grad for p in parameters if p.grad is not None]
        # In one message: a hundred small ones cost more than what they carry.
        mean = self.accelerator.reduce(torch.cat([g.flatten() for g in gradients]), reduction="mean")
        for gradient, part in zip(gradients, mean.split([g.numel() for g in gradients]), strict=True):
            gradient.copy_(part.view_as(gradient))

    def mean(self, value: Tensor) -> Tensor:
        """A number's mean over all processes: not finite for all where it is not finite for one."""
        value = value.detach()
        if self.count == 1:
            return value
        reduced: Tensor = self.accelerator.reduce(value, reduction="mean")
        return reduced

    def total(self, counts: Tensor) -> Tensor:
        """The sum of counts over all processes."""
        if self.count == 1:
            return counts
        reduced: Tensor = self.accelerator.reduce(counts, reduction="sum")
        return reduced

    def wait(self) -> None:
        """Wait until every process is here."""
        self.accelerator.wait_for_everyone()
