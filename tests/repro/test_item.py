from pathlib import Path

import pytest

from crosscodec.errors import UsageError
from crosscodec.repro.item import Request


def test_a_request_names_scales_and_counts_seeds(tmp_path):
    with pytest.raises(UsageError, match="smoke, small, full"):
        Request("tiny", 3, tmp_path)
    with pytest.raises(UsageError, match="0 seeds"):
        Request("small", 0, tmp_path)


def test_smoke_takes_one_seed_and_runs_stay_with_the_figures_unless_told():
    assert list(Request("smoke", 3, Path("a")).seed_numbers) == [1]
    assert list(Request("small", 3, Path("a")).seed_numbers) == [1, 2, 3]
    assert Request("small", 3, Path("a")).runs == Path("a")
    assert Request("small", 3, Path("a"), work=Path("b")).runs == Path("b")
