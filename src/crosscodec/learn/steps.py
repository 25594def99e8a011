"""The frame of a training stage: steps, log, checkpoints, exact resume, and the way back from a step that is no number.

    checkpoint? ─► step ─► taken? ──yes──► log ─► checkpoint every few minutes ─► … ─► last checkpoint
                     ▲        └──no──► last good checkpoint, half the learning rate ─┐
                     └───────────────────────────────────────────────────────────────┘
What a step does is the stage's own affair; that it cannot be taken it says by TrainingDiverged (descent.py).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import torch
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from crosscodec.learn.checkpoint import Resumed, RunState, is_checkpoint_of, load_checkpoint, save_checkpoint
from crosscodec.learn.descent import TrainingDiverged
from crosscodec.learn.log import Log
from crosscodec.learn.workers import Workers

EVENTS = "events.log"


class StepLosses(Protocol):
    """What one step reports."""

    def numbers(self) -> dict[str, float]:
        """Plain numbers for the log."""
        ...


@dataclass(frozen=True)
class StepPlan:
    """A stage: how many steps, what each does, when to write.

    ``step(number, caution)`` takes one step with the learning rate times ``caution``, or raises TrainingDiverged, in
    all processes; the weights that it leaves then are not looked at. ``validate`` gives numbers for the log at each
    checkpoint. ``marks``: counts of done steps at which a checkpoint is due in any case. ``basis``: of a stage that
    learns from what another one left, what that is; with another, it begins anew.
    """

    name: str
    steps: int
    step: Callable[[int, float], StepLosses]
    validate: Callable[[], dict[str, float]]
    log_every: int
    checkpoint_minutes: float
    rollbacks: int
    marks: tuple[int, ...] = ()
    basis: str = ""

    @property
    def checkpoint(self) -> str:
        """File name of the stage's checkpoint."""
        return f"checkpoint{'-' + self.name if self.name else ''}.safetensors"

    @property
    def log(self) -> str:
        """File name of the stage's log."""
        return f"log{'-' + self.name if self.name else ''}.jsonl"


def run_steps(plan: StepPlan, state: RunState, folder: Path, workers: Workers, resume: bool = True) -> Resumed:
    """Take all steps of a stage, or those that are left after its checkpoint in ``folder``.

    Raises TrainingDiverged when a loss or gradient is not finite more often than ``plan.rollbacks`` allows; the last
    checkpoint is good in any case.
    """
    done = Resumed(0, 0.0, basis=plan.basis, marks=plan.marks)
    if workers.main:
        if resume and is_checkpoint_of(folder / plan.checkpoint, plan.basis):
            done = load_checkpoint(folder, state, plan.checkpoint)
        else:
            save_checkpoint(folder, state, done, plan.checkpoint)  # so that there is always a way back
    workers.wait()
    if not workers.main:
        # Whatever each process made of its start: from here on all have the same weights.
        done = load_checkpoint(folder, state, plan.checkpoint)
    log = Log(folder / plan.log, done.step) if workers.main else None
    started, saved, left = time.monotonic() - done.seconds, time.monotonic(), plan.rollbacks
    with _bar(plan, workers.main) as bar:
        task = bar.add_task(plan.name or "training", total=plan.steps, completed=done.step)
        while done.step < plan.steps:
            try:
                losses = plan.step(done.step, done.caution)
            except TrainingDiverged as error:
                done, left = _roll_back(plan, state, folder, done, left, error, workers.main)
                log = Log(folder / plan.log, done.step) if workers.main else None
                bar.update(task, completed=done.step)
                continue
            done = replace(done, step=done.step + 1, seconds=time.monotonic() - started)
            bar.update(task, completed=done.step)
            last = done.step == plan.steps
            if log is None:
                continue
            if done.step % plan.log_every == 0 or last:
                log.add(done.step, done.seconds, **losses.numbers())
            if last or done.step in plan.marks or time.monotonic() - saved > 60 * plan.checkpoint_minutes:
                save_checkpoint(folder, state, done, plan.checkpoint)
                if report := plan.validate():
                    log.add(done.step, done.seconds, **report)
                saved = time.monotonic()
    workers.wait()
    return done


def _roll_back(
    plan: StepPlan, state: RunState, folder: Path, done: Resumed, left: int, error: TrainingDiverged, main: bool
) -> tuple[Resumed, int]:
    """The last good state with half the learning rate, and the roll-backs that are left."""
    if not left:
        raise TrainingDiverged(
            f"{error} at step {done.step} of {plan.name or 'the run'}, and going back {plan.rollbacks} times did not "
            "help; set a smaller training.learning_rate and start again in a new folder"
        ) from None
    good = load_checkpoint(folder, state, plan.checkpoint)
    caution = done.caution / 2
    text = (
        f"{error} at step {done.step} of {plan.name or 'the run'}; back to step {good.step} with {caution:g} times the "
        "learning rate\n"
    )
    if main:  # one of several processes tells it
        Console(stderr=True).print(text, end="")
        with (folder / EVENTS).open("a") as file:
            file.write(text)
    return replace(good, caution=caution), left - 1


def learning_rate_factor(step: int, steps: int, warmup: int, decay: int) -> float:
    """Warm-up, constant, then a linear fall to zero over the last ``decay`` steps (so that ``steps`` may be raised
    later).
    """
    warm = min(1.0, (step + 1) / max(warmup, 1))
    left = (steps - step) / max(decay, 1)
    return min(warm, 1.0, max(left, 0.0))


def set_learning_rate(optimiser: torch.optim.Optimizer, factor: float) -> None:
    """Every parameter group's learning rate: so much of its ``base``, what it is at most."""
    for group in optimiser.param_groups:
        group["lr"] = group["base"] * factor


def _bar(plan: StepPlan, main: bool) -> Progress:
    """A bar on the terminal's error stream; silent when that is not a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    return Progress(*columns, TimeRemainingColumn(), console=console, disable=not (main and console.is_terminal))
