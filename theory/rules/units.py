r"""Weights and covariances in units of the error.

Where the error counts a direction u times, a covariance is written U/u and a weight u B. Eigenvalues then leave most
formulas, by

    x p = kappa q,    q/x = p/kappa        with q = x/(x + kappa), p = kappa/(x + kappa),

used here as rewriting rules inside and outside of traces.
"""

from __future__ import annotations

from typing import Any, final

import sympy

from ..algebra.stage import SPREAD, WEIGHT
from ..problem import notation as x
from .derived_rule import DerivedRule
from .trace import Trace, split

B, U = x.spectral(WEIGHT), x.spectral(SPREAD)


@final
class Units:
    """Derived rules in units of the error.

    Args:
        eigenvalue: the symbol u, or 1 where the error counts all directions alike.

    >>> from modelcollapse.theory.algebra.model import Model, ridge
    >>> from modelcollapse.theory.problem import notation as n
    >>> from modelcollapse.theory.rules.fits import fits_of
    >>> m = Model(); X = m.design("X", "T")
    >>> (fit,) = fits_of([(m.truth, ridge(X, X @ m.truth + m.noise("sigma"), "lambda"))], m.truth)
    >>> spread = fit.rule.spreads["e_1"]
    >>> Units(n.s).covariance(spread, fit.rule) / spread  # s
    q*kappa/p
    """

    def __init__(self, eigenvalue: Any) -> None:
        self.eigenvalue = eigenvalue

    def functional(self, expression: Any, rule: DerivedRule) -> Any:
        """A sum of traces that are linear in the weight, or in the covariance, of a model."""
        return self._converted(expression, 0, rule)

    def covariance(self, expression: Any, rule: DerivedRule) -> Any:
        """A covariance, as a function of the eigendirection and of the one before."""
        return self._converted(expression, 1, rule)

    def weight(self, expression: Any, rule: DerivedRule) -> Any:
        """A weight, as a function of the eigendirection and of the one after."""
        return self._converted(expression, -1, rule)

    def _converted(self, expression: Any, power: int, rule: DerivedRule) -> Any:
        pairs = _shrinkages(rule)
        u = self.eigenvalue

        def inside(argument: Any) -> Any:
            number, function = split(self._absorbed(argument, 0, pairs))
            return number * Trace(function)

        if u == 1:
            return expression
        converted = expression.xreplace({B: u * B, U: U / u}).replace(Trace, inside)
        return sympy.factor_terms(self._absorbed(converted, power, pairs))

    def _absorbed(self, expression: Any, power: int, pairs: tuple[tuple[Any, Any, Any, Any], ...]) -> Any:
        """The expression times u**power, every u that meets a shrinkage factor put into it."""
        if expression.is_Add:
            return sympy.Add(*(self._absorbed(term, power, pairs) for term in expression.args))
        factors = sympy.Mul.make_args(expression)
        sums = [one for one in factors if one.is_Add and _varies(one)]
        if sums:
            rest = sympy.Mul(*(one for one in factors if one is not sums[0]))
            return rest * self._absorbed(sums[0], power, pairs)
        powers = sympy.Mul(expression, self.eigenvalue**power).as_powers_dict()
        number = sympy.S.One
        for u, p, q, kappa in pairs:
            while u == self.eigenvalue and powers[u] != 0 and powers[p if powers[u] > 0 else q] > 0:
                up, down, step = (q, p, 1) if powers[u] > 0 else (p, q, -1)
                powers[u], powers[up], powers[down] = powers[u] - step, powers[up] + 1, powers[down] - 1
                number *= kappa**step
        return number * sympy.Mul(*(base**exponent for base, exponent in powers.items()))


def _shrinkages(rule: DerivedRule) -> tuple[tuple[Any, Any, Any, Any], ...]:
    """Eigenvalue, p, q and kappa of every shrinkage factor."""
    found = []
    for block in rule.reduced.blocks:
        for index, (u, q, kappa) in enumerate(zip(block.eigenvalues, block.kept, block.ridges, strict=True)):
            p = block.lost[index] if len(block.lost) == len(block.kept) else block.lost[0]
            found.append((u, p, q, kappa))
    return tuple(found)


def _varies(expression: Any) -> bool:
    return bool(expression.replace(Trace, lambda _: sympy.S.One).has(x.Spectral))
