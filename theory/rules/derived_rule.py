r"""One generation's rule as the engine derives it: what a fit of any kind does to the model that labels its rows.

`theory/algebra/stage.py` states what is carried from one model to the next: the shares of the truth and the offsets
(what is lost of the truth by itself), and the covariance U. The rule is linear in U, and every covariance is asked for
through a weight B of the eigendirection, so that one reduced formula is read in two ways: with B put aside it is the
new covariance, with U put aside the weight that the error of the model before has in that of the new one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, final

import sympy

from ..algebra.expression import Space
from ..algebra.polynomial import Letter
from ..algebra.program import Block, Program, Target
from ..algebra.reduction import Reduced, reduced
from ..algebra.stage import SPREAD, WEIGHT, XI
from ..problem import notation as x
from ..problem.errors import Irreducible
from .trace import standing_with

LARGEST = 4000  # terms

B, U = x.spectral(WEIGHT), x.spectral(SPREAD)
_CARRIED, _MEAN, _SPREAD = "carried", "mean ", "spread "
_INHERITED = f"{_SPREAD}{XI}"


@final
@dataclass(frozen=True, eq=False)
class DerivedRule:
    """The rule of one shape of generation; its letters are those of `reduced`.

    Attributes:
        program: of the stage.
        reduced: its effective ridges and margins, and its results, functionals of B.
    """

    program: Program
    reduced: Reduced

    @cached_property
    def solved(self) -> tuple[Any, ...]:
        """Effective ridges, margins and shrinkage factors: what the state of the model before does not change."""
        blocks = self.reduced.blocks
        unknown = [one for block in blocks for one in (*block.ridges, *(margin for _, margin in block.margins))]
        return tuple(dict.fromkeys([*unknown, *(symbol for symbol, _ in self.reduced.definitions)]))

    @cached_property
    def lost(self) -> Any:
        """What is lost of the truth when the model before lost nothing."""
        return self._function("lost")

    @cached_property
    def carried(self) -> Any:
        """By what everything else is multiplied that the model before lost."""
        return self._function(_CARRIED)

    @cached_property
    def means(self) -> Mapping[str, Any]:
        """The new shares of the truth and the offsets, by name."""
        return {name[len(_MEAN) :]: self._function(name) for name in self.reduced.results if name.startswith(_MEAN)}

    @cached_property
    def inherited(self) -> Any:
        """The new covariance due to the covariance U of the model before."""
        return self._function(_INHERITED)

    @cached_property
    def weight_before(self) -> Any:
        """The weight of the covariance of the model before in Tr[B inherited]."""
        return standing_with(self.reduced.results.get(_INHERITED, sympy.S.Zero), U)

    @cached_property
    def added(self) -> Mapping[str, Any]:
        """Tr[B u] for the covariance u that the randomness of this generation adds along each vector and noise."""
        return {
            name[len(_SPREAD) :]: result
            for name, result in self.reduced.results.items()
            if name.startswith(_SPREAD) and name != _INHERITED
        }

    @cached_property
    def spreads(self) -> Mapping[str, Any]:
        """The covariances u themselves."""
        return {name: standing_with(result, B) for name, result in self.added.items()}

    @cached_property
    def doubtful(self) -> tuple[Any, ...]:
        """The results in which something is subtracted; products of two means may have either sign."""
        certificates = self.reduced.certificates.items()
        return tuple(
            self.reduced.results[name] for name, one in certificates if not one.certified or name.count(" ") > 1
        )

    def _function(self, name: str) -> Any:
        return standing_with(self.reduced.results.get(name, sympy.S.Zero), B)


def derived_rule(program: Program) -> DerivedRule | None:
    """The rule of a stage, derived once for each shape of generation; None where it has no reduced form.

    Args:
        program: canonical, so that generations of one shape have the same one.
    """
    return _rule(program.blocks, program.targets, tuple(program.spectral.items()))


@lru_cache(maxsize=256)
def _rule(
    blocks: tuple[Block, ...], targets: tuple[Target, ...], spectral: tuple[tuple[Letter, Space], ...]
) -> DerivedRule | None:
    program = Program(blocks, targets, dict(spectral))
    try:
        return DerivedRule(program, reduced(program, LARGEST))
    except Irreducible:
        return None
