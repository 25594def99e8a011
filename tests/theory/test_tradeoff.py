"""The record of an answer: NaN and reasons where infeasible, words for codes, scalars for scalars."""

from dataclasses import replace

import numpy as np

from crosscodec.theory.tradeoff import LIMITS, PERCEPTION, RATE, Shortfall, answer


def test_arrays_keep_their_shape_and_reasons_join():
    where = np.array([True, False])
    asked, least = np.array([0.41, 1.0]), np.array([0.47, 0.0])
    first = Shortfall("classification", where, asked, lambda: least, "bit")
    second = Shortfall("rate", where, np.array([0.1, 0.1]), lambda: np.array([0.2, 0.2]), "bit")
    record = answer(np.array([1.0, 2.0]), ~where, None, np.array([PERCEPTION, RATE]), (first, second))
    assert np.isnan(record.value[0])
    assert record.value[1] == 2
    assert record.binding.tolist() == ["perception", "rate"]
    assert record.reason[0].startswith(
        "classification limit 0.41 bit is below the least possible 0.47 bit, by 0.06; rate"
    )
    assert record.reason[1] == ""
    assert record.gap == 0
    assert record.status == "closed form"
    assert not record.solved
    assert replace(record, status="optimal").solved
    assert replace(record, status=np.array(["optimal", "closed form"], dtype=object)).solved


def test_scalars():
    record = answer(np.asarray(3.0), np.asarray(True), "plan", np.asarray(RATE), ())
    assert record.value == 3.0
    assert isinstance(record.value, float)
    assert record.feasible is True
    assert record.binding == "rate"
    assert record.reason == ""
    assert LIMITS[RATE] == "rate"
