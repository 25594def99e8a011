"""Ranges of settings: what each annotation takes and refuses, and that no setting of any recipe is without one."""

import dataclasses
from typing import Annotated, Literal, get_args, get_origin, get_type_hints

import pytest

from crosscodec.errors import UsageError
from crosscodec.learn.choice.settings import ChoiceRecipe
from crosscodec.learn.contexts.settings import ContextsRecipe
from crosscodec.learn.decoder.settings import DecoderRecipe
from crosscodec.learn.encoder.settings import EncoderRecipe
from crosscodec.learn.photo.settings import Recipe
from crosscodec.learn.ranges import (
    Between,
    Count,
    Decay,
    Filled,
    Multiple,
    Name,
    Positive,
    Share,
    Sizes,
    Weight,
    Whole,
    checked,
)
from crosscodec.learn.recipe import apply_override, recipe_from_sections
from crosscodec.learn.transport.settings import TransportRecipe

RECIPES = (Recipe, EncoderRecipe, DecoderRecipe, ContextsRecipe, ChoiceRecipe, TransportRecipe)


@pytest.mark.parametrize(
    ("kind", "value", "found"),
    [
        (int, 3, 3),
        (float, 3, 3.0),
        (bool, False, False),
        (Whole, 0, 0),
        (Count, 1, 1),
        (Share, 1, 1.0),
        (Decay, 0.999, 0.999),
        (Literal["a", "b"], "b", "b"),
        (tuple[int, ...], [], ()),
        (Annotated[tuple[Share, ...], Sizes(0, 2)], [0, 0.5], (0.0, 0.5)),
        (Annotated[int, Between(16), Multiple(16)], 48, 48),
        (Annotated[str, Filled()], "x", "x"),
        (Annotated[str, Name()], "weight-0.05", "weight-0.05"),
    ],
)
def test_what_is_right_comes_back_in_its_type(kind, value, found):
    taken = checked("k", value, kind)
    assert taken == found
    assert type(taken) is type(found)


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        (int, 3.0, "k must be of type int, not 3.0"),
        (int, True, "k must be of type int, not True"),
        (float, True, "k must be of type float, not True"),
        (float, float("nan"), "k must be a finite number, not nan"),
        (Weight, float("inf"), "k must be a finite number, not inf"),
        (bool, 1, "k must be of type bool, not 1"),
        (str, 1, "k must be of type str, not 1"),
        (Whole, -1, "k must be 0 or more, not -1"),
        (Count, 0, "k must be 1 or more, not 0"),
        (Positive, 0.0, "k must be more than 0, not 0.0"),
        (Share, 1.01, "k must be 0 to 1, not 1.01"),
        (Decay, 1.0, "k must be 0 or more and less than 1, not 1.0"),
        (Annotated[float, Between(0, 1, above=True)], 0.0, "k must be more than 0 and at most 1, not 0.0"),
        (Literal["a", "b"], "c", "k must be one of a, b, not 'c'"),
        (Literal["a", "b"], ["a"], r"k must be one of a, b, not \['a'\]"),
        (tuple[int, ...], 3, "k must be a list, not 3"),
        (tuple[int, ...], ["a"], r"k\[0\] must be of type int, not 'a'"),
        (tuple[Count, ...], [1, 0], r"k\[1\] must be 1 or more, not 0"),
        (Annotated[tuple[int, ...], Sizes(0, 2)], [1], r"k must be a list of no values or 2 values, not \[1\]"),
        (Annotated[tuple[int, ...], Filled()], [], r"k must be given, and not empty, not \[\]"),
        (Annotated[int, Between(16), Multiple(16)], 24, "k must be a multiple of 16, not 24"),
    ],
)
def test_what_is_wrong_is_told_what_would_be_right(kind, value, message):
    with pytest.raises(UsageError, match=f"^{message}$"):
        checked("k", value, kind)


def settings_of(recipe):
    for section in get_type_hints(recipe).values():
        section = get_args(section)[0] if get_origin(section) is tuple else section
        yield from (
            (f"{section.__name__}.{k}", kind) for k, kind in get_type_hints(section, include_extras=True).items()
        )


def numbers_in(kind):
    """Whether a bare number, of any size, is part of what an annotation says."""
    if get_origin(kind) is Annotated:
        inner, *rules = get_args(kind)
        return not any(isinstance(rule, Between) for rule in rules) and numbers_in(inner)
    if get_origin(kind) is tuple:
        return numbers_in(get_args(kind)[0])
    return kind in (int, float)


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_number_of_every_recipe_has_a_range(recipe):
    assert [name for name, kind in settings_of(recipe) if numbers_in(kind)] == []


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_defaults_are_in_their_ranges(recipe):
    default = recipe()
    assert recipe_from_sections(recipe, dataclasses.asdict(default)) == default


@pytest.mark.parametrize(
    ("recipe", "override", "message"),
    [
        (TransportRecipe, "data.size=[16]", "data.size must be a list of no values or 2 values"),
        (TransportRecipe, 'data.size=["a", "b"]', r"data.size\[0\] must be of type int"),
        (TransportRecipe, "data.size=[30, 32]", r"data.size\[0\] must be a multiple of 4"),
        (TransportRecipe, "data.held_out=1", "keeps every picture apart"),
        (TransportRecipe, 'data.clean_folder="x"', "go together"),
        (TransportRecipe, "training.batch=0", "training.batch must be 1 or more"),
        (TransportRecipe, "training.steps=-3", "training.steps must be 1 or more"),
        (TransportRecipe, "training.seed=-1", "training.seed must be 0 to 2147483647"),
        (TransportRecipe, "training.seed=2147483648", "training.seed must be 0 to 2147483647, not 2147483648"),
        (TransportRecipe, "data.seed=99999999999999999999", "data.seed must be 0 to 2147483647"),
        (Recipe, "training.seed=4294967296", "training.seed must be 0 to 2147483647"),
        (TransportRecipe, "quantiser.dither=1", "quantiser.dither = 1 is one offset"),
        (TransportRecipe, 'package.decoder="../out"', "package.decoder must be 1 to 64 letters, digits"),
        (DecoderRecipe, 'decoder.name="a/b"', "decoder.name must be 1 to 64 letters, digits"),
        (TransportRecipe, "training.decay=2", "training.decay must be 0 to 1"),
        (TransportRecipe, "training.average=1.5", "training.average must be 0 or more and less than 1"),
        (TransportRecipe, "training.precision=half", "training.precision must be one of no, bf16, not 'half'"),
        (TransportRecipe, "model.width=0", "model.width must be 1 or more"),
        (TransportRecipe, "quantiser.levels=1", "quantiser.levels must be 2 to 16384"),
        (TransportRecipe, "quantiser.dither=-4", "quantiser.dither must be 0 to 64"),
        (TransportRecipe, "quantiser.codebooks=[]", "quantiser.codebooks must be given"),
        (TransportRecipe, "objective.lambda_rate=-1", "objective.lambda_rate must be 0 or more"),
        (Recipe, "data.crop=100", "data.crop must be a multiple of 16"),
        (Recipe, "data.crop=0", "data.crop must be 16 or more"),
        (Recipe, "data.noise_low=60", "data.noise_low is at most data.noise_high; these are 60 and 50"),
        (Recipe, "data.electrons_high=3", "data.electrons_low is at most data.electrons_high"),
        (Recipe, 'data.degraded_folder="x"', "go together"),
        (Recipe, "data.recorded=1.5", "data.recorded must be 0 to 1"),
        (Recipe, "data.scales=[0]", r"data.scales\[0\] must be more than 0 and at most 1"),
        (Recipe, "data.held_out=1", "keeps every picture apart"),
        (Recipe, "model.analysis_widths=[8, 8]", "model.analysis_widths must be a list of 3 values"),
        (Recipe, "model.luma=300", "model.luma must be 1 to 256"),
        (Recipe, "model.contexts=65", "model.contexts must be 1 to 64"),
        (Recipe, "objective.anchors=[10, 100]", "qualities have 2 to 32 anchors"),
        (Recipe, "objective.anchors=[0, 50, 50, 100]", "qualities have 2 to 32 anchors"),
        (Recipe, "objective.lambda_lowest=1", "objective.lambda_lowest is at most objective.lambda_highest"),
        (Recipe, "package.quality=101", "package.quality must be 0 to 100"),
        (Recipe, "training.steps=0", "name them, training.start"),
        (Recipe, "training.optimiser=sgd", "training.optimiser must be one of adam, muon, not 'sgd'"),
        (TransportRecipe, "training.precision=fp16", "training.precision must be one of no, bf16, not 'fp16'"),
        (TransportRecipe, "training.threads=100000", "training.threads must be 0 to 256, not 100000"),
        (EncoderRecipe, "training.threads=-1", "training.threads must be 0 to 256"),
        (ContextsRecipe, "training.processes=1000", "training.processes must be 1 to 256"),
        (DecoderRecipe, "training.critic_steps=0", "training.critic_steps must be 1 or more"),
        (EncoderRecipe, "training.log_every=0", "training.log_every must be 1 or more"),
    ],
)
def test_before_hours_of_training_and_not_after_them(recipe, override, message):
    sections = {}
    apply_override(sections, override)
    with pytest.raises(UsageError, match=message):
        recipe_from_sections(recipe, sections)


def test_a_coupling_has_no_clean_target():
    with pytest.raises(UsageError, match=r"objective\.supervised"):
        recipe_from_sections(TransportRecipe, {"objective": {"kind": "mec", "supervised": True}})


def test_what_is_not_of_pairs_must_come_from_somewhere():
    data = {"sets": [], "degraded_folder": "a", "clean_folder": "b"}
    assert recipe_from_sections(EncoderRecipe, {"data": data}).data.sources == ("a + b",)
    with pytest.raises(
        UsageError, match=r"data\.recorded below 1 takes the other crops from data\.sets, and there is none"
    ):
        recipe_from_sections(EncoderRecipe, {"data": data | {"recorded": 0.9}})
