"""A family of chains in which everything is a power of the rows of the last fit."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, final

import sympy

from ..problem import checks
from ..problem.errors import SpecificationError


@final
@dataclass(frozen=True)
class Demystified:
    r"""The set-up of [D] on a power law, with T rows in the last fit.

    $$ s_k = k^{-\beta}, \quad s_k w_{0,k}^2 = k^{-1-2r\beta}, \quad \lambda = c_\lambda T^{-\ell}, \quad n = c_n T^a,
    \quad T_0 = T^b, \quad d = \phi_0 T_0. $$

    Numbers or SymPy symbols; numbers are taken to be exact (0.1 reads 1/10).

    Args:
        exponent: beta > 1.
        source: r > 0.
        penalty: l > 0.
        generations: a >= 0.
        generator_rows: b > 0.
        generator_ratio: phi_0 in [0, 1); 0 is the limit in which d is far less than T and T_0, but s_d far less than
            the penalty.
        noise: sigma >= 0 of the last fit's labels.
        generator_noise: sigma_0 >= 0.
        penalty_scale: c_lambda > 0.
        generations_scale: c_n > 0.

    Raises:
        SpecificationError: for numbers out of their range.
    """

    exponent: Any
    source: Any
    penalty: Any
    generations: Any = 0
    generator_rows: Any = 1
    generator_ratio: Any = 0
    noise: Any = 1
    generator_noise: Any = 1
    penalty_scale: Any = 1
    generations_scale: Any = 1

    def __post_init__(self) -> None:
        for field in fields(self):
            object.__setattr__(self, field.name, exact(field.name, getattr(self, field.name)))
        _require(self.exponent, "exponent", 1, "a number > 1: the spectrum k^(-exponent) has a finite trace")
        _require(self.source, "source", 0, "a number > 0: the truth has a finite norm in the population")
        _require(self.penalty, "penalty", 0, "a number > 0: the penalty T^(-penalty) vanishes with more rows")
        _require(self.generator_rows, "generator_rows", 0, "a number > 0: generator rows T^generator_rows grow")
        for name in ("penalty_scale", "generations_scale"):
            _require(getattr(self, name), name, 0, "a number > 0")
        for name in ("generations", "generator_ratio", "noise", "generator_noise"):
            if getattr(self, name).is_negative:
                raise SpecificationError(name, getattr(self, name), "a number >= 0")
        if self.generator_ratio.is_number and self.generator_ratio >= 1:
            allowed = "a number in [0, 1): least-squares generators need more rows than directions"
            raise SpecificationError("generator_ratio", self.generator_ratio, allowed)

    def symbols(self, near: Demystified) -> dict[Any, Any]:
        """The symbols among the fields, with the values of another family."""
        pairs = ((getattr(self, field.name), getattr(near, field.name)) for field in fields(self))
        return {own: value for own, value in pairs if own.is_Symbol}

    def ranges(self) -> dict[Any, Any]:
        """Symbols with a lower bound other than zero, in terms of positive ones."""
        return {self.exponent: 1 + sympy.Dummy(positive=True)} if self.exponent.is_Symbol else {}


def a_family(field: str, value: Any) -> Demystified:
    """A family, and nothing else.

    Raises:
        SpecificationError: for a chain, say, which has sizes but no exponents.
    """
    if isinstance(value, Demystified):
        return value
    allowed = "a family of chains, modelcollapse.theory.asymptotics.Demystified(exponent, source, penalty, ...)"
    raise SpecificationError(field, value, allowed)


def exact(field: str, value: Any) -> Any:
    """A number as SymPy's exact one, 0.1 as 1/10; an expression as it is.

    Raises:
        SpecificationError: for what is no finite number.

    >>> exact("source", 0.375)
    3/8
    """
    if checks.is_symbolic(value):
        if not (value.is_number or value.is_Symbol):
            raise SpecificationError(field, value, "a number or a symbol")
        checks.real(field, value)
        return sympy.nsimplify(value, rational=True) if value.has(sympy.Float) else value
    return sympy.Rational(str(checks.real(field, value)))


def _require(value: Any, field: str, above: int, allowed: str) -> None:
    if value.is_number and not value > above:
        raise SpecificationError(field, value, allowed)
