"""Derived formulas: of a reduced program, or of generations that do not depend on each other."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, NamedTuple, final

import jax.numpy as jnp
import sympy

from ..algebra.expression import Deterministic, Role, Source
from ..algebra.polynomial import Letter
from ..algebra.reduction import Reduced
from ..algebra.reduction.certificate import Certificate
from ..algebra.reduction.reduced import PositiveBlock
from ..problem import notation as x
from ..rules.bibliography import Reference
from ..rules.fits import Fit
from ..statements.generation_steps import RIDGES, TAU, Generations
from ..statements.theorem import ProofStep
from .alphabet import Alphabet
from .fixed_point.machine import Setting
from .generators import generators
from .lowering import evaluator
from .stages import Feeds, Run, Vector, by_symbol, nodes_of, pairs_of, run_stages

SOURCE = Reference((), "derived in theory/algebra/reduction")


class Evaluated(NamedTuple):
    """A formula in numbers.

    Attributes:
        values: of all parts, or the sum of them.
        residual: of the effective ridges.
        condition: how much rounding is amplified by subtractions; 1 where there are none.
    """

    values: Any
    residual: Any
    condition: Any


class Formula(ABC):
    """All parts of a result in effective ridges, margins and traces, and how they are evaluated."""

    @property
    @abstractmethod
    def blocks(self) -> tuple[PositiveBlock, ...]:
        """The nonlinear blocks, which determine effective ridges and margins."""

    @property
    @abstractmethod
    def steps(self) -> tuple[ProofStep, ...]:
        """The equations that lead to the parts, in order."""

    @property
    def definitions(self) -> tuple[tuple[Any, Any], ...]:
        """The equations of all steps, those of each generation by themselves."""
        return tuple(line for step in self.steps for line in step.after)

    @property
    @abstractmethod
    def parts(self) -> Mapping[str, Any]:
        """Every part of the result."""

    @property
    @abstractmethod
    def certificates(self) -> Mapping[str, Certificate]:
        """For every part, what its signs say about accuracy."""

    @property
    @abstractmethod
    def is_measured(self) -> bool:
        """Whether `total` is as accurate as its condition says: where that is measured, or certified to be 1."""

    @abstractmethod
    def evaluated(self, setting: Setting, dimension: Letter) -> Evaluated:
        """The value of every part (traceable, in 64 bits)."""

    def total(self, setting: Setting, dimension: Letter) -> Evaluated:
        """The sum of all parts."""
        found = self.evaluated(setting, dimension)
        return found._replace(values=sum(found.values.values()))

    @property
    def certified(self) -> bool:
        """Whether nothing is subtracted in any part."""
        return all(one.certified for one in self.certificates.values())

    @property
    def terms(self) -> int:
        """How many terms all parts have."""
        return sum(one.terms for one in self.certificates.values())


@final
class WholeFormula(Formula):
    """A program reduced as a whole."""

    def __init__(self, reduced: Reduced) -> None:
        self.reduced = reduced

    @property
    def blocks(self) -> tuple[PositiveBlock, ...]:
        return self.reduced.blocks

    @cached_property
    def steps(self) -> tuple[ProofStep, ...]:
        equations = [one for block in self.blocks for one in block.equations]
        lines = [(one.lhs, one.rhs) for one in (*equations, *self.reduced.relations)] + list(self.reduced.definitions)
        if any(part.has(x.tau) for part in self.parts.values()):
            lines.append(TAU)
        return (ProofStep(RIDGES, (1, 1), r"\mathbb{E}\,Q^{-1} = (F - R)^{-1}", tuple(lines), (), SOURCE),)

    @property
    def parts(self) -> Mapping[str, Any]:
        return self.reduced.results

    @property
    def certificates(self) -> Mapping[str, Certificate]:
        return self.reduced.certificates

    @property
    def is_measured(self) -> bool:
        return self.certified

    def evaluated(self, setting: Setting, dimension: Letter) -> Evaluated:
        spectral = {letter: jnp.asarray(value) for letter, value in setting.spectral.items()}
        scalars = {
            letter: jnp.asarray(value, dtype=jnp.result_type(float)) for letter, value in setting.scalars.items()
        }
        counts = jnp.asarray(next(iter(setting.counts.values()))) if setting.counts else scalars[dimension][None]
        nodes = nodes_of(spectral, counts)
        found = generators(self.reduced, by_symbol(spectral, scalars), nodes)
        value = evaluator(found.values, nodes)
        return Evaluated({name: value(part) for name, part in self.parts.items()}, found.residual, jnp.asarray(1.0))


@final
class GenerationsFormula(Formula):
    """Independent generations, each under its own rule: as long as they are many.

    Args:
        fits: the generations.
        sources: of the last model.
        metric: of the error.
        parts: of the risk, by name.
    """

    def __init__(
        self, fits: tuple[Fit, ...], sources: Iterable[Source], metric: Deterministic, parts: Iterable[tuple[str, Any]]
    ) -> None:
        self.fits, self._metric = fits, metric
        vectors = [one for one in sources if one.role is not Role.NOISE]
        self._vectors = [Vector.of(one) for one in vectors]
        self._generations = Generations(fits, vectors, metric)
        self._names = tuple(name for name, _ in parts)
        self.alphabet = Alphabet.of_fits(fits, vectors, metric)

    @property
    def blocks(self) -> tuple[PositiveBlock, ...]:
        return self._generations.blocks

    @property
    def steps(self) -> tuple[ProofStep, ...]:
        return self._backward[0]

    @property
    def definitions(self) -> tuple[tuple[Any, Any], ...]:
        return self._backward[1]

    @property
    def parts(self) -> Mapping[str, Any]:
        return {name: self._backward[2].get(self._own(name), sympy.S.Zero) for name in self._names}

    @property
    def certificates(self) -> Mapping[str, Certificate]:
        return dict.fromkeys(self._names, self._certificate)

    @property
    def terms(self) -> int:
        return self._certificate.terms

    @cached_property
    def _certificate(self) -> Certificate:
        """Of all rules together: every part of the error passes through them."""
        rules = {id(fit.rule): fit.rule for fit in self.fits}.values()
        every = [one for rule in rules for one in rule.reduced.certificates.values()]
        above = tuple(factor for one in every for factor in one.numerator)
        below = tuple(factor for one in every for factor in one.denominator)
        return Certificate(above, below, 1)

    @property
    def is_measured(self) -> bool:
        return True

    def evaluated(self, setting: Setting, dimension: Letter) -> Evaluated:
        own = [self._own(name) for name in self._names]
        found = self._run(setting, dict(zip(own, jnp.eye(len(own)), strict=True)))
        values = dict(zip(self._names, found.measured.errors[-1], strict=True))
        return Evaluated(values, found.residual, found.condition)

    def total(self, setting: Setting, dimension: Letter) -> Evaluated:
        found = self._run(setting, dict.fromkeys(map(self._own, self._names), jnp.ones(1)))
        return Evaluated(found.measured.errors[-1, 0], found.residual, found.condition)

    def _run(self, setting: Setting, fed: Mapping[str, Any]) -> Run:
        """All generations; `fed` says which of the tracked errors a part belongs to."""
        nowhere = jnp.zeros_like(next(iter(fed.values())))
        added = [{name: fed[self._generations.part(name, fit)] for name in fit.rule.added} for fit in self.fits]
        squares = {name: fed.get(name, nowhere) for name in pairs_of(self._vectors)}
        return run_stages(self.fits, self._vectors, setting, self._metric.value, Feeds(added, squares))

    @cached_property
    def _backward(self) -> tuple[tuple[ProofStep, ...], tuple[tuple[Any, Any], ...], dict[str, Any]]:
        return self._generations.backward()

    def _own(self, name: str) -> str:
        """The name of a part here: two vectors are in a fixed order."""
        return self._generations.pair(*name.split(", ")) if ", " in name else name
