"""Every figure and table that can be reproduced, by key."""

from crosscodec.errors import UsageError
from crosscodec.repro import bernoulli, gaussian
from crosscodec.repro.item import MEC, OT, UNIVERSAL, Item

ITEMS = (
    Item("bernoulli-drc", "Distortion over rate and label limit, binary, one-shot", f"{OT}: Theorem 2",
         bernoulli.distortion_over_rate),
    Item("bernoulli-rdc", "Rate over distortion and label limit, binary, one-shot", f"{OT}: Theorem 3",
         bernoulli.rate_over_distortion),
    Item("gaussian-drc", "Distortion over rate and label limit, Gaussian", f"{OT}: Theorem 4",
         gaussian.distortion_over_rate),
    Item("gaussian-rdc", "Rate over distortion and label limit, Gaussian", f"{OT}: Theorem 5",
         gaussian.rate_over_distortion),
    Item("gaussian-drpc-w2", "Distortion over rate and perception (squared W2), Gaussian", f"{OT}: Theorem 7",
         gaussian.perception_w2),
    Item("gaussian-drpc-kl", "Distortion over rate, perception (KL) and label limit, Gaussian", f"{OT}: Theorem 7",
         gaussian.perception_kl),
    Item("bernoulli-mec", "Information kept by a coupling, binary", f"{MEC}: Theorem 2",
         bernoulli.coupling_over_rate),
    Item("bernoulli-mec-label", "Information kept by a coupling under a label limit, binary", f"{MEC}: Theorem 3",
         bernoulli.coupling_with_label),
    Item("gaussian-universal", "One encoder, many decoders: distortion over perception, Gaussian",
         f"{UNIVERSAL}: Gaussian sources", gaussian.universal),
)  # fmt: skip


def find(key: str) -> Item:
    """The item of a key. Raises UsageError, which lists the keys."""
    for item in ITEMS:
        if item.key == key:
            return item
    raise UsageError(f"{key!r} is no figure; there are {', '.join(item.key for item in ITEMS)}, or all")
