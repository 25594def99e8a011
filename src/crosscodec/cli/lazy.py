"""A command group that imports a command's module only when that command is invoked.

    crosscodec --help        ─► outlines: name and one line each, nothing imported
    crosscodec encode ...    ─► resolve_command ─► import crosscodec.cli.coding ─► its command `encode`

`crosscodec --help` must answer at once, while `evaluate` needs scikit-image and `train` needs torch. The group
therefore shows outlines, and exchanges an outline for the real command when it is about to run. That import (through
extras.load_module) is the one exception to the rule that imports stand at the top of a file.

Errors end here too: what the library raises on purpose becomes one line on stderr and the exit code of its class.
"""

import errno
import sys
from dataclasses import dataclass
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from crosscodec.errors import CrosscodecError, OutputFailed, ResourceLimit
from crosscodec.extras import load_module

INTERRUPTED = 130


@dataclass(frozen=True)
class Outline:
    """What the overview says about a command, and where the command lives.

    `module` is imported on use and holds a Typer application `app`. With `mounted` the whole application is the command
    (it may have subcommands of its own), otherwise the command of that name is taken from it.
    """

    name: str
    summary: str
    module: str
    panel: str
    mounted: bool = False


class LazyGroup(TyperGroup):
    """The group behind `crosscodec`; subclasses name their commands in `outlines`."""

    outlines: tuple[Outline, ...] = ()

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for outline in self.outlines:
            self.add_command(TyperCommand(outline.name, help=outline.summary, rich_help_panel=outline.panel))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Load the command that is named first in `args`, then resolve it as any group does."""
        for outline in self.outlines:
            if args and args[0] == outline.name:
                self.add_command(load_command(outline), outline.name)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; an error raised on purpose ends as one line and an exit code, never a traceback."""
        try:
            return super().invoke(ctx)
        except CrosscodecError as error:
            fail(error)
        except KeyboardInterrupt:
            print("interrupted", file=sys.stderr)
            raise typer.Exit(INTERRUPTED) from None
        except MemoryError:
            fail(ResourceLimit("out of memory; try fewer --jobs or smaller pictures"))
        except OSError as error:
            if (
                error.errno == errno.EPIPE
            ):  # the reader of our stdout has left (`| head`): typer ends such a command quietly
                raise
            fail(OutputFailed(str(error)))


def load_command(outline: Outline) -> Any:
    """The real command behind an outline, its module imported now."""
    application = typer.main.get_command(load_module(outline.module).app)
    if outline.mounted or not isinstance(application, TyperGroup):
        return application
    return application.commands[outline.name]


def fail(error: CrosscodecError) -> None:
    """Print an error as one line on stderr and leave with the exit code of its class."""
    print(f"crosscodec: {one_line(error)}", file=sys.stderr)
    raise typer.Exit(error.exit_code)


def one_line(error: BaseException) -> str:
    """The message of an error on one line, with the kind of error in front when there is no message."""
    return " ".join(str(error).split()) or type(error).__name__
