"""`crosscodec tradeoff --quantity universal`: one encoder for several demands, as one line of numbers.

limits as text, side by side  ──►  theory.rate_penalty  ──►  one row: R(Theta), A(Theta)
"""

from typing import Any

import numpy as np

from crosscodec.cli.tradeoff_limits import Array, option, parse_limits
from crosscodec.cli.tradeoff_output import Output, number_or_text, print_rows
from crosscodec.errors import UsageError
from crosscodec.theory import rate_penalty

QUANTITY = "universal"


def demands_of(**texts: str) -> dict[str, Array]:
    """The limits of each demand, out of limits given as text by name: the first of each make the first demand, and so
    on; a single one counts for every demand.

    UsageError: a text that is no limit, or lists of different lengths.
    """
    limits = {name: parse_limits(name, text) for name, text in texts.items()}
    lengths = {name: limit.size for name, limit in limits.items() if limit.size > 1}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{length} of {option(name)}" for name, length in lengths.items())
        raise UsageError(
            "demands are read side by side, so lists of limits are equally long, or there is one limit for all; "
            f"these are {told}"
        )
    return dict(zip(limits, np.broadcast_arrays(*limits.values()), strict=True))


def emit_universal(problem: Any, demands: dict[str, Array], output: Output, divergence: str | None) -> None:
    """Print R(Theta), the dearest single rate and the bracket of A(Theta). Raises UsageError for a picture: there is
    but one point.
    """
    if output.plot is not None:
        raise UsageError(f"--plot says nothing to --quantity {QUANTITY}, which is one number for all demands")
    found = rate_penalty(problem, **demands, divergence=divergence)
    row: dict[str, float | bool | str | None] = {
        "demands": demands["distortion"].size,
        "rate": number_or_text(found.rate),
        "largest_single_rate": number_or_text(found.largest_single_rate),
        "penalty_lower": number_or_text(found.lower),
        "penalty_upper": number_or_text(found.upper),
        "feasible": found.feasible,
        "certified": found.feasible and found.certified,
        "reason": found.reason,
    }
    print_rows([row], output)
