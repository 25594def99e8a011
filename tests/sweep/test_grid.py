"""Grids of settings: what they mean, and that a run's id depends on its settings alone."""

import itertools
import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crosscodec.errors import UsageError
from crosscodec.learn.photo.settings import Recipe
from crosscodec.learn.recipe import recipe_from_sections
from crosscodec.sweep.grid import parse_axes, parse_axis, run_specs, settings_id

BASE = {"training": {"seed": 1, "rate": 4e-4, "precision": "float32"}, "data": {"sets": ("a",)}}

WIDE = {
    "kind": "transport",
    "data": {"seed": 0, "name": "a"},
    "training": {"seed": 1, "rate": 4e-4, "name": "b"},
    "decoders": ({"steps": 2}, {"steps": 3}),
}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("k=1,2", (1, 2)),
        ("k=0:5", (0, 1, 2, 3, 4)),
        ("k=0:10:5", (0, 5)),
        ("k=3:0:-1", (3, 2, 1)),
        ("k=1e-3, 2.5", (0.001, 2.5)),
        ("k=inf,1", (math.inf, 1)),
        ("k=true,false", (True, False)),
        ("k=float32,bfloat16", ("float32", "bfloat16")),
        ('k="a,b",c', ("a,b", "c")),
        ('k=["x","y"],["x"]', (("x", "y"), ("x",))),
        ("k=bsds500:train", ("bsds500:train",)),
    ],
)
def test_an_axis_is_read(text, values):
    axis = parse_axis(text)
    assert axis.key == "k"
    assert axis.values == values
    assert [type(value) for value in axis.values] == [type(value) for value in values]


@pytest.mark.parametrize("text", ["k", "=1", "k=", "k=1,,2", "k=1,1", "k=5:5", "k=2026-11-20"])
def test_an_axis_that_means_nothing_is_refused(text):
    with pytest.raises(UsageError, match="--grid"):
        parse_axis(text)


def test_the_grid_is_the_product_with_the_last_axis_fastest():
    specs = run_specs(["training.rate=0.1,0.2", "training.seed=0:3"], BASE)
    assert [dict(spec.settings)["training.rate"] for spec in specs] == [0.1] * 3 + [0.2] * 3
    assert [dict(spec.settings)["training.seed"] for spec in specs] == [0, 1, 2] * 2
    assert len({spec.id for spec in specs}) == 6


def test_an_override_is_read_back_as_it_was():
    (spec,) = run_specs(["training.rate=inf"], BASE)
    assert spec.overrides == ("training.rate=inf",)


def test_no_axis_is_one_run_of_the_recipe_itself():
    (spec,) = run_specs([], BASE)
    assert spec.settings == ()
    assert spec.id == settings_id(BASE)


def test_ids_do_not_depend_on_the_order_of_axes_or_on_the_rest_of_the_grid():
    one = {
        frozenset(spec.settings): spec.id for spec in run_specs(["training.seed=0:4", "training.rate=0.1,0.2"], BASE)
    }
    other = {frozenset(spec.settings): spec.id for spec in run_specs(["training.rate=0.2", "training.seed=3,2"], BASE)}
    assert other.items() <= one.items()


def test_a_whole_number_for_a_float_is_the_same_run():
    assert run_specs(["training.rate=1"], BASE)[0].id == run_specs(["training.rate=1.0"], BASE)[0].id


def test_a_known_id_stays_as_it_is():
    # Ids name folders of runs that people keep: a change of this value orphans them.
    assert run_specs(["training.seed=7"], BASE)[0].id == "cc9437fde2d8"


def test_the_base_is_left_as_it_was():
    before = repr(BASE)
    run_specs(["training.seed=0:3"], BASE)
    assert repr(BASE) == before


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        (["training.sed=1"], r"no such setting; valid ones: training\.seed"),
        (["training=1,2"], "no such setting"),
        (["sed=1"], "no such setting"),
        (["kind=photo"], "no such setting"),
        (["name=1"], r"which of data\.name, training\.name is meant"),
        (["decoders.2.steps=1"], "no such setting"),
        (["seed=1", "training.seed=2"], "more than once"),
        (["training.seed.deep=1"], "no such setting"),
        (["training.seed=1", "training.seed=2"], "more than once"),
        (["training.seed=0:400", "training.rate=" + ",".join(map(str, range(1, 400)))], "159,600 runs"),
    ],
)
def test_a_grid_that_cannot_be_meant_is_refused(grid, message):
    with pytest.raises(UsageError, match=message):
        run_specs(grid, WIDE if "name" in grid[0] or "decoders" in grid[0] or "kind" in grid[0] else BASE)


@pytest.mark.parametrize(
    ("text", "axes"),
    [
        ("a.x=1,2,b=0:2", {"a.x": (1, 2), "b": (0, 1)}),
        ("lambda_rate=0, 0.1, seed=3", {"lambda_rate": (0, 0.1), "seed": (3,)}),
        ('a="b=1",c=x', {"a": ("b=1",), "c": ("x",)}),
        ("a=[1,2],[3],b=true", {"a": ((1, 2), (3,)), "b": (True,)}),
        ("decoders.0.steps=5,6", {"decoders.0.steps": (5, 6)}),
    ],
)
def test_several_axes_in_one_text(text, axes):
    assert {axis.key: axis.values for axis in parse_axes(text)} == axes


@pytest.mark.parametrize(
    ("key", "meant"),
    [("seed", "training.seed"), ("rate", "training.rate"), ("decoders.1.steps", "decoders.1.steps")],
)
def test_short_keys_mean_one_setting(key, meant):
    (spec,) = run_specs([f"{key}=7"], WIDE)
    assert spec.settings == ((meant, 7),)
    assert WIDE["decoders"][1]["steps"] == 3


def test_the_ids_are_those_of_the_recipes_themselves():
    recipe = recipe_from_sections(Recipe, {})
    changed = recipe_from_sections(Recipe, {"training": {"seed": 5}})
    assert run_specs(["training.seed=5"], recipe.as_dict())[0].id == changed.identity()


@example(seeds=[0], words=['",'])
@given(
    seeds=st.lists(st.integers(-(2**40), 2**40), min_size=1, max_size=4, unique=True),
    words=st.lists(st.text(st.characters(codec="utf-8"), max_size=8), min_size=1, max_size=3, unique=True),
)
def test_overrides_can_be_read_back(seeds, words):
    specs = run_specs(
        [
            "training.seed=" + ",".join(map(str, seeds)),
            "training.precision=" + ",".join(_quoted(word) for word in words),
        ],
        BASE,
    )
    assert [dict(spec.settings) for spec in specs] == [
        {"training.seed": seed, "training.precision": word} for seed, word in itertools.product(seeds, words)
    ]
    for spec in specs:
        assert tuple(parse_axis(override).values[0] for override in spec.overrides) == tuple(
            v for _, v in spec.settings
        )


def test_a_quote_that_is_escaped_does_not_end_a_text():
    assert parse_axis(r'name="a\",b","c\\","d"').values == ('a",b', "c\\", "d")
    assert parse_axis(r"name='a\',b").values == ("a\\", "b")


def _quoted(word: str) -> str:
    escaped = "".join(f"\\U{ord(c):08x}" if c in "\"'\\,[]:" or not c.isprintable() else c for c in word)
    return f'"{escaped}"'
