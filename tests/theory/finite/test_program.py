"""Column generation against full enumeration, and its certificate at sizes that cannot be enumerated."""

import time

import numpy as np
import pytest

from crosscodec.theory.finite import program as finite_program
from crosscodec.theory.finite.ball import Ball
from crosscodec.theory.finite.problem import FiniteProblem, distortion_functional, label_functional, rate_functional
from crosscodec.theory.finite.program import CodeProgram, MapSolver


def random_problem(seed, labels, inputs, outputs):
    generator = np.random.default_rng(seed)
    joint = generator.dirichlet(np.ones(labels * inputs)).reshape(labels, inputs)
    places = np.arange(outputs)
    distance = np.abs(places[:, None] - places).astype(float)
    return FiniteProblem(
        joint, generator.uniform(size=(inputs, outputs)), generator.dirichlet(np.ones(outputs)), distance
    )


def program_of(problem, rate, label, ball):
    limits = ((rate_functional(problem), rate), (label_functional(problem), label))
    return CodeProgram(distortion_functional(problem), limits, ball)


def test_columns_agree_with_enumeration(monkeypatch):
    generator = np.random.default_rng(0)
    for seed in range(25):
        problem = random_problem(seed, 2, 4, 3)
        ball = Ball(("tv", "kl", "w1")[seed % 3], [0.0, 0.1][seed % 2])
        program = program_of(problem, generator.uniform(0, 1.5), generator.uniform(0.5, 1), ball)
        every = MapSolver(problem).solve(program)
        monkeypatch.setattr(finite_program, "LARGEST_ENUMERATION", 1)
        columns = MapSolver(problem).solve(program)
        monkeypatch.undo()
        assert every.feasible == columns.feasible
        if every.feasible:
            assert columns.value == pytest.approx(every.value, abs=1e-8)
            assert columns.bound == pytest.approx(every.value, abs=1e-8)


def test_twelve_inputs_and_six_outputs_are_certified_in_seconds():
    problem = random_problem(1, 3, 12, 6)
    solver = MapSolver(problem)
    assert not solver.complete
    start = time.process_time()
    for rate in (0.3, 1.0, 2.0):
        answer = solver.solve(program_of(problem, rate, 1.5, Ball("tv", 0.0)))
        assert answer.value - answer.bound < 1e-8
        assert answer.plan.rate <= rate + 1e-8
        assert np.abs(answer.plan.output - problem.target).max() < 1e-9
        # An optimum uses at most |Y| + 2 maps.
        assert len(answer.plan.weights) <= problem.outputs + 2
    # About 0.6 s of one processor.
    assert time.process_time() - start < 3


def test_infeasibility_is_proven_by_columns():
    problem = random_problem(2, 3, 10, 5)
    assert not MapSolver(problem).solve(program_of(problem, 0.1, 0.2, Ball("tv", 0.0))).feasible


def test_alphabets_too_large_for_subsets_give_an_honest_gap():
    problem = random_problem(3, 2, 20, 4)
    answer = MapSolver(problem).solve(program_of(problem, 0.5, np.inf, Ball("tv", 0.0)))
    assert answer.feasible
    assert answer.bound <= answer.value
    assert answer.plan.rate <= 0.5 + 1e-8
