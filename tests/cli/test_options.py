"""The shared options: every one explains itself, and booleans are switches, never words."""

import typing

import pytest
import typer

from crosscodec.cli import options

ALIASES = {name: value for name, value in vars(options).items() if typing.get_origin(value) is typing.Annotated}


@pytest.mark.parametrize("name", ALIASES)
def test_every_option_has_help_and_a_long_name(name):
    _, described = typing.get_args(ALIASES[name])
    assert described.help
    # Inside Annotated, Typer keeps the first name where a default would stand.
    names = [described.default, *(described.param_decls or ())]
    assert any(str(declared).startswith("--") for declared in names)


def test_there_are_options():
    assert {"Json", "Recursive", "Jobs", "ExistPolicy", "Force", "Quality", "TargetBpp", "TargetSize"} <= set(ALIASES)


def test_a_switch_takes_no_value(runner):
    app = typer.Typer()

    @app.command()
    def show(force: options.Force = False) -> None:
        print(force)

    assert runner.invoke(app, []).stdout == "False\n"
    assert runner.invoke(app, ["--force"]).stdout == "True\n"
    assert runner.invoke(app, ["--force", "False"]).exit_code == 2  # and never a text that counts as true
