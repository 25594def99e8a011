"""The frame of a stage, around steps that are plain arithmetic: a weight that moves by known amounts."""

import json
from dataclasses import dataclass

import pytest
import torch
from torch import nn

from crosscodec.learn.checkpoint import RunState
from crosscodec.learn.descent import TrainingDiverged
from crosscodec.learn.steps import EVENTS, StepPlan, learning_rate_factor, run_steps
from crosscodec.learn.workers import Workers

NAN = float("nan")


@dataclass(frozen=True)
class Loss:
    """A loss that is a plain number."""

    value: float

    def numbers(self):
        """The total alone."""
        return {"loss": self.value}


class Walk:
    """Adds ``caution * (step + 1)`` to a weight in every step, and reports the losses it is told to."""

    def __init__(self, broken=()):
        self.model = nn.Linear(1, 1, bias=False)
        nn.init.zeros_(self.model.weight)
        self.optimiser = torch.optim.Adam(self.model.parameters())
        self.state = RunState({"model": self.model}, {"model": self.optimiser})
        self.broken, self.taken = list(broken), []

    @property
    def weight(self):
        return self.model.weight.item()

    def step(self, number, caution):
        self.taken.append((number, caution))
        if number in self.broken:
            self.broken.remove(number)
            with torch.no_grad():
                self.model.weight.fill_(NAN)  # a step may have harmed the weights before its loss is looked at
            raise TrainingDiverged("the loss is not finite")
        with torch.no_grad():
            self.model.weight += caution * (number + 1)
        return Loss(float(number))

    def plan(self, **changes):
        settings = {
            "name": "",
            "steps": 6,
            "step": self.step,
            "validate": dict,
            "log_every": 2,
            "checkpoint_minutes": 1e9,
            "rollbacks": 2,
        }
        return StepPlan(**(settings | changes))


@pytest.fixture
def workers():
    return Workers()


def rows(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_all_steps_in_order(tmp_path, workers):
    walk = Walk()
    done = run_steps(walk.plan(validate=lambda: {"score": 1.0}), walk.state, tmp_path, workers)
    assert walk.taken == [(number, 1.0) for number in range(6)]
    assert (done.step, done.caution, walk.weight) == (6, 1.0, 21.0)
    logged = rows(tmp_path / "log.jsonl")
    assert [(row["step"], row.get("loss"), row.get("score")) for row in logged] == [
        (2, 1.0, None),
        (4, 3.0, None),
        (6, 5.0, None),
        (6, None, 1.0),
    ]
    assert not (tmp_path / EVENTS).exists()


def test_a_finished_stage_takes_no_step_and_a_stage_may_be_prolonged(tmp_path, workers):
    first = Walk()
    run_steps(first.plan(), first.state, tmp_path, workers)
    again = Walk()
    run_steps(again.plan(), again.state, tmp_path, workers)
    assert (again.taken, again.weight) == ([], 21.0)
    longer = Walk()
    run_steps(longer.plan(steps=8), longer.state, tmp_path, workers)
    assert ([number for number, _ in longer.taken], longer.weight) == ([6, 7], 36.0)


def test_without_resume_it_starts_over(tmp_path, workers):
    first = Walk()
    run_steps(first.plan(), first.state, tmp_path, workers)
    again = Walk()
    run_steps(again.plan(steps=2), again.state, tmp_path, workers, resume=False)
    assert again.weight == 3.0


def test_stages_of_one_folder_keep_apart(tmp_path, workers):
    one, two = Walk(), Walk()
    run_steps(one.plan(), one.state, tmp_path, workers)
    run_steps(two.plan(name="task", steps=2), two.state, tmp_path, workers)
    assert two.weight == 3.0
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"checkpoint.safetensors", "log.jsonl", "checkpoint-task.safetensors", "log-task.jsonl"}


def test_a_stage_that_learns_from_something_else_begins_anew(tmp_path, workers):
    one, other, again = Walk(), Walk(), Walk()
    run_steps(one.plan(basis="one"), one.state, tmp_path, workers)
    done = run_steps(other.plan(basis="other", steps=4), other.state, tmp_path, workers)
    assert (done.step, other.taken[0], other.weight) == (4, (0, 1.0), 10.0)
    assert [row["step"] for row in rows(tmp_path / "log.jsonl")] == [2, 4]
    run_steps(again.plan(basis="other", steps=5), again.state, tmp_path, workers)
    assert again.taken == [(4, 1.0)]


def test_one_loss_that_is_no_number_sends_the_run_back(tmp_path, workers, capsys):
    walk = Walk(broken=[4])
    done = run_steps(walk.plan(marks=(3,)), walk.state, tmp_path, workers)
    assert walk.taken[:5] == [(number, 1.0) for number in range(5)]
    assert walk.taken[5:] == [(number, 0.5) for number in range(3, 6)], "back to the mark, with half the rate"
    assert walk.weight == 6.0 + 0.5 * (4 + 5 + 6)
    assert done.caution == 0.5
    assert [row["step"] for row in rows(tmp_path / "log.jsonl")] == [2, 4, 6], "no step stands there twice"
    event = (tmp_path / EVENTS).read_text()
    assert "not finite at step 4" in event
    assert "back to step 3 with 0.5 times the learning rate" in event
    assert "not finite at step 4" in " ".join(capsys.readouterr().err.split())


def test_caution_outlives_the_process(tmp_path, workers):
    walk = Walk(broken=[2])
    run_steps(walk.plan(steps=4), walk.state, tmp_path, workers)
    longer = Walk()
    run_steps(longer.plan(steps=5), longer.state, tmp_path, workers)
    assert longer.taken == [(4, 0.5)]


def test_a_loss_that_stays_no_number_ends_the_run(tmp_path, workers):
    walk = Walk(broken=[4, 4, 4])
    with pytest.raises(TrainingDiverged, match=r"at step 4 of the run, and going back 2 times did not help"):
        run_steps(walk.plan(marks=(3,)), walk.state, tmp_path, workers)
    assert [caution for number, caution in walk.taken if number == 4] == [1.0, 0.5, 0.25]
    assert len((tmp_path / EVENTS).read_text().splitlines()) == 2
    good = Walk()
    run_steps(good.plan(steps=3), good.state, tmp_path, workers)
    assert (good.taken, good.weight) == ([], 6.0), "the last checkpoint is good"


def test_no_rollback_may_be_allowed(tmp_path, workers):
    walk = Walk(broken=[0])
    plan = walk.plan(name="task", rollbacks=0)
    with pytest.raises(TrainingDiverged, match=r"at step 0 of task"):
        run_steps(plan, walk.state, tmp_path, workers)


def test_learning_rate_warms_up_stays_and_falls():
    factors = [learning_rate_factor(step, steps=8, warmup=2, decay=3) for step in range(9)]
    assert factors == [0.5, 1.0, 1.0, 1.0, 1.0, 1.0, pytest.approx(2 / 3), pytest.approx(1 / 3), 0.0]
    assert learning_rate_factor(0, steps=8, warmup=0, decay=0) == 1.0


class Other(Workers):
    """A process beside the main one, which was here first."""

    main = False


def test_every_process_starts_from_what_the_main_one_has(tmp_path, workers):
    main, other = Walk(), Walk()
    with torch.no_grad():
        main.model.weight.fill_(5.0)  # made by another judge, another k-means
    run_steps(main.plan(steps=0), main.state, tmp_path, workers)
    run_steps(other.plan(steps=2), other.state, tmp_path, Other())
    assert other.weight == 5.0 + 1 + 2
    run_steps(main.plan(steps=3), main.state, tmp_path, workers)
    late = Walk()
    run_steps(late.plan(steps=4), late.state, tmp_path, Other())
    assert late.taken == [(3, 1.0)]
