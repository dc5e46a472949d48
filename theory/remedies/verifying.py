"""Remedies with a verifier, whose strictness is optimised."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from ..problem import policies
from ..problem.chain import Chain
from ..problem.estimator import Estimator
from ..problem.selection import ResidualWindow, TopShare
from .budget import Budget, Needs
from .packaged import LEAST_SQUARES, mixture
from .parameter import Magnitude, Parameter, Share
from .remedy import Remedy
from .situation import Situation, judged_rows

LEAST_SHARE = 0.02
_KEPT = Share("share kept", LEAST_SHARE)


@final
@dataclass(frozen=True)
class VerifyShare(Remedy):
    """`replace` on the share of rows with the smallest residuals to the verifier.

    Args:
        share: that is kept, in (0, 1]; None is optimised.
        estimator: of every generation.
    """

    share: float | None = None
    estimator: Estimator = LEAST_SQUARES
    needs = Needs(verifier=True)

    @property
    def title(self) -> str:  # type: ignore[override]
        """With the share, where it is given."""
        return "verify" if self.share is None else f"verify, {self.share:.3g} kept"

    def parameters(self, situation: Situation) -> tuple[Parameter, ...]:
        """The share that is kept, where it is not given."""
        return (_KEPT,) if self.share is None else ()

    def chain(self, situation: Situation, budget: Budget, values: tuple[float, ...]) -> Chain:
        """`verify` by a `TopShare`."""
        [share] = values if self.share is None else (self.share,)
        return policies.verify(
            _replaced(situation, budget, self.estimator), TopShare(situation.require_verifier(), share)
        )


@final
@dataclass(frozen=True)
class VerifyWindow(Remedy):
    """`replace` on rows with residuals within a tolerance, the same in all generations, which is optimised.

    Args:
        estimator: of every generation.
    """

    estimator: Estimator = LEAST_SQUARES
    title = "verify within a tolerance"
    needs = Needs(verifier=True)

    def parameters(self, situation: Situation) -> tuple[Parameter, ...]:
        """The tolerance, around the noise of the labels."""
        scale = situation.noise if situation.noise > 0 else 1.0
        return (Magnitude("tolerance", 0.05 * scale, 20.0 * scale),)

    def chain(self, situation: Situation, budget: Budget, values: tuple[float, ...]) -> Chain:
        """`verify` by a `ResidualWindow`."""
        [tolerance] = values
        selection = ResidualWindow(situation.require_verifier(), -tolerance, tolerance)
        return policies.verify(_replaced(situation, budget, self.estimator), selection)


@final
@dataclass(frozen=True)
class VerifiedMix(Remedy):
    """Fresh real rows beside verified synthetic ones; the share that is kept is optimised.

    Args:
        estimator: of every generation.
    """

    estimator: Estimator = LEAST_SQUARES
    title = "real and verified rows"
    needs = Needs(real=True, verifier=True)

    def parameters(self, situation: Situation) -> tuple[Parameter, ...]:
        """The share of synthetic rows that is kept."""
        return (_KEPT,)

    def chain(self, situation: Situation, budget: Budget, values: tuple[float, ...]) -> Chain:
        """`verify` of a `mix`: real rows are not judged."""
        chain = mixture(situation, budget, judged_rows(budget), self.estimator)
        return policies.verify(chain, TopShare(situation.require_verifier(), values[0]))


def _replaced(situation: Situation, budget: Budget, estimator: Estimator) -> Chain:
    return situation.under(policies.replace, judged_rows(budget), estimator)
