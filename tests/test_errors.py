"""The exception tree: exit codes as its drawing says, and the built-in classes that callers may catch."""

import re

import pytest

from crosscodec import errors

KINDS = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.CrosscodecError)
}


def drawn() -> dict[str, int]:
    """Names and exit codes in the drawing at the top of the module."""
    return {name: int(code) for name, code in re.findall(r"[├└ ]─* ?(\w+) .*?(\d+)\s", errors.__doc__) if name in KINDS}


def test_the_drawing_is_complete_and_true():
    assert drawn() == {name: kind.exit_code for name, kind in KINDS.items()}
    assert len(KINDS) == 9


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("UsageError", ValueError),
        ("InputMissing", FileNotFoundError),
        ("OutputExists", FileExistsError),
        ("OutputFailed", OSError),
    ],
)
def test_built_in_classes_catch_them_too(name, base):
    assert issubclass(KINDS[name], base)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_the_message_is_kept_as_it_is(kind):
    assert str(kind("what was wrong; what would be right")) == "what was wrong; what would be right"
    assert kind.__doc__
