"""The application as a whole: its overview, the help of every command, and the examples in that help."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest
import typer

from crosscodec import __version__
from crosscodec.cli.lazy import load_command
from crosscodec.cli.main import Commands, app

OUTLINES = {outline.name: outline for outline in Commands.outlines}


def leaves(command, path=()):
    """Every command that can be run below a command, with its words."""
    commands = getattr(command, "commands", None)
    if commands is None:
        yield path, command
        return
    for name, inner in commands.items():
        yield from leaves(inner, (*path, name))


def examples(text: str) -> list[str]:
    """Command lines that stand alone between backquotes in a help text."""
    return re.findall(r"`(crosscodec [^`]+)`", text)


def test_version(runner):
    assert runner.invoke(app, ["--version"]).stdout == f"crosscodec {__version__}\n"


def test_no_arguments_shows_the_overview(runner):
    result = runner.invoke(app, [])
    for name in OUTLINES:
        assert name in result.output


@pytest.mark.parametrize("name", OUTLINES)
def test_the_overview_says_what_the_command_says(name):
    command = load_command(OUTLINES[name])
    first = " ".join((command.help or "").split("\n\n")[0].split())
    assert first == OUTLINES[name].summary


@pytest.mark.parametrize("name", OUTLINES)
def test_help_needs_no_manual(runner, name):
    for words, command in leaves(load_command(OUTLINES[name]), (name,)):
        result = runner.invoke(app, [*words, "--help"])
        assert result.exit_code == 0, result.output
        assert examples(command.help), f"{words}: no example"
        for parameter in command.params:
            assert parameter.help, f"{words}: {parameter.name} has no help"


@pytest.mark.parametrize("name", OUTLINES)
def test_the_examples_in_help_are_accepted(name):
    for words, command in leaves(load_command(OUTLINES[name]), (name,)):
        for example in examples(command.help):
            given = example.split(" < ")[0].split()[1:]
            assert tuple(given[: len(words)]) == words, example
            command.make_context(name, given[len(words) :])  # parses; UsageError for what it does not know


def test_unknown_command_and_option_are_usage_errors(runner):
    assert runner.invoke(app, ["encdoe"]).exit_code == 2
    assert "encode" in runner.invoke(app, ["encdoe"]).stderr
    assert runner.invoke(app, ["encode", "--qualty", "5"]).exit_code == 2


def test_help_is_quick():
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "crosscodec.cli.main", "--help"], capture_output=True, text=True, check=True
    )
    assert "encode" in done.stdout
    assert (
        time.perf_counter() - started < 2.0
    )  # a tenth of this on an idle machine; importing the codec costs several times more


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX")
def test_ctrl_c_is_130_and_leaves_no_output(tmp_path):
    command = [sys.executable, "-m", "crosscodec.cli.main", "degrade", "-", str(tmp_path / "out.png")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        time.sleep(1.5)  # it now waits for stdin
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert said.decode().strip() == "interrupted"
    assert list(tmp_path.iterdir()) == []


def test_the_application_is_a_lazy_group():
    assert isinstance(typer.main.get_command(app), Commands)
