import math

import numpy as np

from crosscodec.bitstream.network_inputs import (
    COARSE,
    FINE,
    LARGEST_INPUT,
    MAGNITUDE,
    SIGNED,
    WINDOW_SUM,
    InputRows,
    OwnRows,
)

from .plain import plain_doublings


def test_what_sizes_count_as() -> None:
    assert MAGNITUDE.tolist() == [plain_doublings(m) for m in range(16)]
    assert MAGNITUDE[:4].tolist() == [0, 32, 51, 64]
    assert MAGNITUDE[15] == LARGEST_INPUT  # 128, and no input is larger than 127
    assert WINDOW_SUM.tolist() == [plain_doublings(w / 16) for w in range(241)]
    assert SIGNED.tolist() == [math.copysign(plain_doublings(abs(v)), v) for v in range(-127, 128)]


def test_rows_are_kept_for_what_somebody_looks_at():
    nobody, nothing = np.zeros(0, np.int64), np.zeros((0, 3), np.int64)
    signed = np.array([[3, 5, FINE], [0, 3, COARSE], [1, 5, FINE]])
    own = OwnRows.of(np.array([5, 6]), np.array([[5, 11, FINE], [6, 13, COARSE]]), (7, 11, 13, 17), 5)
    rows = InputRows.of([nobody, np.array([1, 4])], [nothing, signed], [OwnRows.of(nobody, nothing, (), 0), own], (0,))
    assert (rows.near.tolist(), rows.signed.tolist(), rows.predicted.tolist()) == ([1, 4], [1, 3], [0])
    assert rows.ways == (FINE,)  # symbols as they are: of the predicted channel alone
    assert [of.tolist() for of in rows.of_near] == [[], [0, 1]]
    assert [of.tolist() for of in rows.of_signed[1].plain] == [[5, 7], [1, 0], [1, 1], [2, 2]]  # neighbour 5
    assert [of.tolist() for of in rows.of_signed[1].foretold] == [[6], [9 + 3]]
    assert [len(of) for of in rows.of_own] == [0, 4]
    assert own.channel.tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 0, 1]
    assert own.neighbour.tolist() == [7, 11, 13, 17, 7, 11, 13, 17, 11, 13]
    assert (own.around, own.fine.tolist()) == (2, [True, False])
