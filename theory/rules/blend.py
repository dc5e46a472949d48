r"""Labels blended from the model before and the truth: y = x'[theta w_{g-1} + (1 - theta) w_0] + noise.

The labelling model is a mean of two models: on average it keeps theta Q + 1 - theta of the truth and loses theta P, its
variance is theta^2 U. A fit then acts on it as on any model. theta = 1 is the model before, theta = 0 the truth.
"""

from __future__ import annotations

from typing import Any

from ..problem import notation as x
from .bibliography import Reference
from .kind import Kind
from .statement import Statement

_HYPOTHESES = ("labels are a fixed blend of the model before and of the truth, before label noise",)
_SOURCE = Reference((), "derived in theory/rules/blend.py")


def _statement(name: str, description: str, result: Any) -> Statement:
    return Statement(name, description, _HYPOTHESES, (), result, _SOURCE, Kind.EXACT)


KEPT = _statement(
    "what blended labels keep", "Share of the truth in the labelling model.", x.share * x.kept + 1 - x.share
)
LOST = _statement("what blended labels lose", "Share of the truth that the labelling model lacks.", x.share * x.lost)
SPREAD = _statement(
    "variance of blended labels", "Variance of the labelling model in units of error.", x.share**2 * x.spread
)

# The state that a fit sees, in terms of the state after the generation before.
BLENDED_LABELS: tuple[tuple[Any, Statement], ...] = ((x.spread, SPREAD), (x.lost, LOST), (x.kept, KEPT))
