"""How well the label survives: accuracy, and bounds and estimates of the uncertainty H(S|Y) that is left, in bits.

    logits (N, K), labels (N,) ─┬─► accuracy, cross_entropy_bits  >=  H(S|Y)
                                └─► decisions ─► confusion_table (K, K) ─► conditional_entropy_bits  ~  H(S|S_hat)

Logits come from a classifier that looked at restored pictures. All in float64, whatever the classifier computed in.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import log_softmax

from crosscodec.errors import UsageError


def accuracy(logits: ArrayLike, labels: ArrayLike) -> float:
    """Share of pictures whose largest logit is that of their label; of equal logits the first class is decided for.

    `logits` (N, K) finite, `labels` (N,) whole numbers in 0 .. K - 1, N >= 1, otherwise UsageError.
    """
    values, wanted = _scored(logits, labels)
    return float(np.mean(values.argmax(axis=1) == wanted))


def cross_entropy_bits(logits: ArrayLike, labels: ArrayLike) -> float:
    """Mean of -log2 q(S|Y), q the softmax of the logits: an upper bound on H(S|Y) in bits, in expectation.

    E[-log2 q(S|Y)] = H(S|Y) + E[KL(p(.|Y) || q(.|Y))], and a divergence is never negative: whatever the classifier, it
    cannot claim less uncertainty than there is, as long as it was not trained on these pictures. A better calibrated
    one comes closer. Arguments and errors as in `accuracy`.
    """
    values, wanted = _scored(logits, labels)
    chosen = log_softmax(values, axis=1)[np.arange(len(wanted)), wanted]
    return -float(np.mean(chosen)) / math.log(2.0) + 0.0  # -0.0 of a perfect classifier becomes 0.0


def entropy_of_label(labels: ArrayLike) -> float:
    """Plug-in entropy H(S) of the labels' frequencies in bits: what is to know before any picture is seen.

    `labels` (N,) whole numbers of 0 or more, N >= 1, otherwise UsageError.
    """
    counts = np.bincount(_whole("labels", labels))
    return _entropy(counts)


def confusion_table(labels: ArrayLike, decisions: ArrayLike, classes: int) -> NDArray[np.int64]:
    """How often a label (row) met a decision (column): int64 (classes, classes).

    Both (N,) of whole numbers in 0 .. classes - 1, otherwise UsageError.
    """
    rows, columns = _whole("labels", labels), _whole("decisions", decisions)
    if rows.shape != columns.shape or max(rows.max(), columns.max()) >= classes:
        raise UsageError(
            f"{len(rows)} labels to {rows.max()} and {len(columns)} decisions to {columns.max()}: "
            f"a table needs as many of each, all below {classes}"
        )
    return np.bincount(rows * classes + columns, minlength=classes * classes).reshape(classes, classes)


def conditional_entropy_bits(table: ArrayLike, corrected: bool = True) -> float:
    """H(S|S_hat) in bits from a table of counts, labels in rows and decisions in columns: H(S, S_hat) - H(S_hat).

    The plug-in estimate is too small by about (filled cells - filled columns) / (2 N ln 2) bits; Miller and Madow
    (Miller 1955) add that for both entropies, which `corrected=False` leaves away. Never above log2 of the labels seen.
    At least H(S|Y) in truth, since S_hat is a function of Y. UsageError unless the table is (K, L) of whole numbers of
    0 or more that are not all 0.
    """
    counts = np.asarray(table)
    if counts.ndim != 2 or counts.dtype.kind not in "iu" or counts.size == 0 or counts.min() < 0 or not counts.any():
        raise UsageError(
            f"a table of counts is (labels, decisions) of whole numbers, not {counts.dtype} {counts.shape}: "
            "0 or more each, not all 0"
        )
    columns = counts.sum(axis=0)
    plugin = max(0.0, _entropy(counts) - _entropy(columns))
    if not corrected:
        return plugin
    excess = np.count_nonzero(counts) - np.count_nonzero(columns)
    most = math.log2(np.count_nonzero(counts.sum(axis=1)))
    return min(most, plugin + float(excess) / (2.0 * float(counts.sum()) * math.log(2.0)))


def _entropy(counts: NDArray[np.integer]) -> float:
    shares = counts[counts > 0] / counts.sum()
    return -float(np.sum(shares * np.log2(shares))) + 0.0


def _scored(logits: ArrayLike, labels: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    values, wanted = np.asarray(logits, np.float64), _whole("labels", labels)
    if values.ndim != 2 or len(values) != len(wanted):
        raise UsageError(f"logits are (N, K) for labels (N,), not {values.shape} for {wanted.shape}")
    if wanted.max() >= values.shape[1]:
        raise UsageError(f"label {wanted.max()} has no logit: there are {values.shape[1]} classes")
    if not np.isfinite(values).all():
        raise UsageError("logits hold values that are infinite or not a number")
    return values, wanted


def _whole(name: str, numbers: ArrayLike) -> NDArray[np.int64]:
    values = np.asarray(numbers)
    if values.ndim != 1 or values.dtype.kind not in "iu" or values.size == 0 or values.min() < 0:
        raise UsageError(f"{name} are whole numbers of 0 or more, (N,) with N >= 1, not {values.dtype} {values.shape}")
    return values.astype(np.int64)
