"""KL balls of output laws for proximal steps, with what `MovingBall` gives for TV and W1.

    least(g)  min of g @ q + weight KL(q || reference)  over the laws q with  KL(q || target) <= P

The law is the target tilted by ``g - weight log(reference / target)`` at the price ``weight`` plus that of the radius:
`tilted` finds it, with the weight for its least price. So where the radius is worth next to nothing, and the law that
follows the potentials would leap, it moves by no more than the weight lets it.
"""

import numpy as np

from crosscodec.theory.arguments import Array
from crosscodec.theory.entropy import LOG2_E
from crosscodec.theory.finite.moving import Move
from crosscodec.theory.finite.tilting import CHEAPEST, tilted

# The least share of a letter in a reference: what has left may come back.
_FLOOR = 1e-12
# Prices below this part of the weight are rounding.
_NOTHING = 1e-12


class TiltedBall:
    """The laws within ``radius`` bits of KL from a positive target; the law is a move's plan too."""

    def __init__(self, target: Array, radius: float) -> None:
        """The radius is kept in nats."""
        self.target, self.radius = target, radius / LOG2_E

    def anywhere(self) -> Array:
        """Return the law in the middle: the reference to begin with."""
        return self.target

    def inside(self, move: Move) -> Array:
        """Return the law of a move, mixed with the target as far as rounding led beyond the radius."""
        used = float(move.law @ self._logs(move.law))
        undone = max(0.0, 1.0 - self.radius / used) if used > 0 else 0.0
        return np.asarray(move.law + undone * (self.target - move.law))

    def least(self, g: Array, weight: float, reference: Array, near: float) -> Move:
        """Return the law of least ``g @ q`` plus weighted divergence from the reference; no price to try is needed."""
        drawn = weight * np.log(np.maximum(reference, _FLOOR) / self.target)
        tilt = tilted(self.target, self.radius, g - drawn, weight)
        price, law = tilt.price - weight, tilt.law
        curvature = np.diag(law) - np.outer(law, law)
        if price > _NOTHING * weight:
            # The price's own answer.
            logs = self._logs(law)
            away = law * (logs - law @ logs)
            spread = float(away @ logs)
            if spread > 1e-300:
                curvature -= np.outer(away, away) / spread
        else:
            price = 0.0
        # Of all prices the best proof.
        least = tilted(self.target, self.radius, g, CHEAPEST).least
        return Move(law, law, price, tilt.least + weight * self.radius, least, curvature / tilt.price)

    def _logs(self, law: Array) -> Array:
        return np.log(np.maximum(law, 1e-300) / self.target)
