import pytest

from crosscodec.report.families import find_families, own_bound


@pytest.mark.parametrize(
    ("names", "title", "label"),
    [
        (["P = 0.4", "P = 0", "P = 0.1", "P = 0.05"], "P = 0 … 0.4", "P"),
        ([f"H(S|Y) ≤ {c} bit" for c in (0.5, 0.6, 0.7, 0.8)], "H(S|Y) ≤ 0.5 … 0.8 bit", "H(S|Y), bit"),
        ([f"W2 at {p}" for p in (1e-3, 0.1, 1, 2)], "W2 at 0.001 … 2", "W2 at"),
        (["-1", "0", "1", "2"], "-1 … 2", "second limit"),
        ([f"bound (C = {c})" for c in (1, 2, 3, 4)], "bound (C = 1 … 4)", "bound (C"),
    ],
)
def test_names_that_differ_in_one_number_are_a_family(names, title, label):
    (family,) = find_families([*names, "no limit", "printed 7"])
    assert (family.title, family.label) == (title, label)
    assert list(family.levels.values()) == sorted(family.levels.values())
    assert set(family.levels) == set(names)


def test_three_are_no_family_and_digits_in_words_are_no_limits():
    assert find_families(["P = 0", "P = 1", "P = 2"]) == []
    assert find_families(["W1", "W2", "W3", "W4"]) == []
    assert find_families(["P = 1", "P = 1.0", "P = 2", "P = 3"]) == []  # the same limit twice is no surface


def test_a_name_is_in_one_family_the_larger_one():
    names = [f"P = {p}, C = {c}" for c in (1, 2) for p in (0, 0.1, 0.2, 0.3, 0.4)]
    families = find_families(names)
    assert [family.title for family in families] == ["P = 0 … 0.4, C = 1", "P = 0 … 0.4, C = 2"]
    assert sorted(name for family in families for name in family.levels) == sorted(names)


def test_a_code_belongs_to_the_bound_that_its_name_ends_with():
    bounds = ["C = 0.8", "no limit C", "D, C = 0.8"]
    assert own_bound("no limit C", bounds) == "no limit C"
    assert own_bound("code, C = 0.8", bounds) == "C = 0.8"
    assert own_bound("code, D, C = 0.8", bounds) == "D, C = 0.8"
    assert own_bound("code", bounds) is None
    assert own_bound("code, BC = 0.8", ["C = 0.8"]) is None
