"""One network as an ONNX Runtime session: array in, array out."""

import os

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from crosscodec.errors import CorruptData, UsageError

THREADS_VARIABLE = "CROSSCODEC_THREADS"


def thread_count() -> int:
    """Threads a network may use: CROSSCODEC_THREADS, or every core this process may run on."""
    text = os.environ.get(THREADS_VARIABLE, "")
    if not text:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not text.isdigit() or int(text) < 1:
        raise UsageError(f"{THREADS_VARIABLE} must be a whole number of threads, at least 1; it is {text!r}")
    return int(text)


class Graph:
    """A network with one input and one output, both float32."""

    def __init__(self, model: bytes, name: str) -> None:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = thread_count()
        options.inter_op_num_threads = 1
        # Spinning threads steal the cores from whoever else works on this machine.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime raises many unrelated classes, some of them bare
            raise CorruptData(f"network {name} cannot be started: {error}") from None
        self._input = self._session.get_inputs()[0].name

    @property
    def takes(self) -> tuple[int | str | None, ...]:
        """The shape of what the network takes; names where any length will do."""
        return tuple(self._session.get_inputs()[0].shape)

    def __call__(self, array: NDArray[np.float32]) -> NDArray[np.float32]:
        """The network's output for a float32 array."""
        result: NDArray[np.float32] = self._session.run(None, {self._input: array})[0]
        return result
