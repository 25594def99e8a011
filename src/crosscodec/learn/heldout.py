"""Which pictures of a set are kept apart from training, so that its numbers are of pictures that it never saw.

    sets of keys ─► every n-th key that no earlier set holds ─► apart, wherever it stands

What must not lie on both sides has one key: the same picture twice (its SHA-256), and with `related` the same pair, or
pictures that have something to do with each other.
"""

import hashlib
from collections.abc import Hashable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from crosscodec.errors import UsageError


def require_rest(every: int) -> None:
    """Raise UsageError for a share, ``data.held_out``, beside which nothing is left."""
    if every == 1:
        raise UsageError("data.held_out = 1 keeps every picture apart, and none to train on; take 2 or more, or 0")


def held_out(sets: Iterable[Sequence[Hashable]], every: int) -> list[NDArray[np.bool_]]:
    """For each picture of each set, by its key, whether it is kept apart.

    Of the keys that come for the first time in a set, in their order, it is every ``every``-th, of fewer the last; none
    where ``every`` is 0, and none of a single key, which would leave nothing to train on. All pictures of a key, in
    this set and in later ones, lie on its side.
    """
    sides: dict[Hashable, bool] = {}
    masks = []
    for keys in sets:
        new = [key for key in dict.fromkeys(keys) if key not in sides]
        apart = np.zeros(len(new), np.bool_)
        if every and len(new) > 1:
            apart[min(every, len(new)) - 1 :: every] = True
        sides |= dict(zip(new, apart.tolist(), strict=True))
        masks.append(np.array([sides[key] for key in keys], np.bool_))
    return masks


def content(pixels: NDArray[np.generic]) -> str:
    """SHA-256 of a picture's size and values, in hex: the key of equal pictures."""
    told = f"{pixels.dtype} {pixels.shape}".encode()
    return hashlib.sha256(told + np.ascontiguousarray(pixels).tobytes()).hexdigest()


def related(keys: Sequence[Hashable], links: Iterable[tuple[Hashable, Hashable]]) -> list[Hashable]:
    """For each key the first one of all that it is linked with, directly or by others: one key for all of them."""
    found: dict[Hashable, Hashable] = {key: key for key in keys}
    order = {key: place for place, key in enumerate(found)}

    def first(key: Hashable) -> Hashable:
        while found[key] != key:
            found[key] = key = found[found[key]]  # half of the way is enough next time
        return key

    for one, other in links:
        early, late = sorted((first(one), first(other)), key=order.__getitem__)
        found[late] = early
    return [first(key) for key in keys]
