"""The lazy group: commands load on use, errors become one line and an exit code."""

import errno

import pytest
import typer

from crosscodec import errors
from crosscodec.cli.lazy import LazyGroup, Outline, load_command, one_line

COMMANDS = '''
import typer
from crosscodec import errors

app = typer.Typer()

@app.command()
def raises(kind: str, number: int = 0) -> None:
    """Raise something."""
    raised = {"memory": MemoryError(), "interrupt": KeyboardInterrupt(), "os": OSError(number, "no space left")}
    raise raised[kind] if kind in raised else getattr(errors, kind)("what was wrong\\n   and what would be right")

@app.command()
def works(name: str = "x") -> None:
    """Print something."""
    print("works", name)
'''


@pytest.fixture
def app(tmp_path, monkeypatch):
    (tmp_path / "lazy_commands.py").write_text(COMMANDS)
    (tmp_path / "lazy_absent_extra.py").write_text("import torch\n")
    (tmp_path / "lazy_mounted.py").write_text(COMMANDS)
    monkeypatch.syspath_prepend(tmp_path)

    class Group(LazyGroup):
        outlines = (
            Outline("raises", "Raise something.", "lazy_commands", "One"),
            Outline("works", "Print something.", "lazy_commands", "One"),
            Outline("broken", "Fail to load.", "lazy_absent_extra", "Two"),
            Outline("inside", "Commands inside.", "lazy_mounted", "Two", mounted=True),
        )

    application = typer.Typer(cls=Group)
    application.callback()(lambda: None)
    return application


def every_error() -> list[type[errors.CrosscodecError]]:
    found = [getattr(errors, name) for name in dir(errors)]
    return [kind for kind in found if isinstance(kind, type) and issubclass(kind, errors.CrosscodecError)]


@pytest.mark.parametrize("kind", every_error(), ids=lambda kind: kind.__name__)
def test_an_error_is_one_line_and_the_code_of_its_class(app, runner, kind):
    result = runner.invoke(app, ["raises", kind.__name__])
    assert result.exit_code == kind.exit_code
    assert result.stderr == "crosscodec: what was wrong and what would be right\n"
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["raises", "memory"], 75, "out of memory"),
        (["raises", "interrupt"], 130, "interrupted"),
        (["raises", "os", "--number", str(errno.ENOSPC)], 74, "no space left"),
        (["raises"], 2, "Missing argument"),
        (["works", "--nmae", "y"], 2, "No such option"),
        (["wrks"], 2, "Did you mean"),
    ],
)
def test_other_failures_have_codes_too(app, runner, arguments, code, said):
    result = runner.invoke(app, arguments)
    assert result.exit_code == code
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_a_closed_pipe_is_left_to_typer(app, runner):
    assert runner.invoke(app, ["raises", "os", "--number", str(errno.EPIPE)]).exit_code == 1


def test_a_command_works(app, runner):
    result = runner.invoke(app, ["works", "--name", "y"])
    assert result.exit_code == 0, result.stderr
    assert result.stdout == "works y\n"


def test_the_overview_imports_nothing(app, runner):
    result = runner.invoke(app, ["--help"])  # `broken` cannot be imported, and need not be
    assert result.exit_code == 0, result.stderr
    for text in ("raises", "Raise something.", "broken", "Fail to load."):
        assert text in result.stdout


def test_a_missing_extra_is_named_when_its_command_is_used(app, runner, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    result = runner.invoke(app, ["broken"])
    assert result.exit_code == 2
    assert "crosscodec[learn]" in result.stderr


def test_a_mounted_application_keeps_its_commands(app, runner):
    assert runner.invoke(app, ["inside", "works"]).stdout == "works x\n"
    assert runner.invoke(app, ["inside", "raises", "CorruptData"]).exit_code == 65


def test_load_command_takes_one_command_of_a_module(app):
    assert load_command(Outline("works", "", "lazy_commands", "")).name == "works"


def test_one_line_names_an_error_without_a_message():
    assert one_line(MemoryError()) == "MemoryError"
    assert one_line(ValueError("a\n  b")) == "a b"
