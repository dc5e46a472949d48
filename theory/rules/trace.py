"""The spectral sum Tr[f]: the sum of f(s) over the positive eigenvalues."""

from __future__ import annotations

from typing import Any

import sympy

from ..problem.notation import Spectral, rank


class Trace(sympy.Function):  # type: ignore[misc]
    """Tr[f], left unevaluated; linear once `distributed`."""

    nargs = 1

    @classmethod
    def eval(cls, argument: Any) -> Any:
        """Only the empty sum is known."""
        return sympy.S.Zero if argument == 0 else None

    def _latex(self, printer: Any, exp: Any = None) -> str:
        text = rf"\operatorname{{tr}}\left[{printer.doprint(self.args[0])}\right]"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"

    def _sympystr(self, printer: Any) -> str:
        return f"tr[{printer.doprint(self.args[0])}]"

    def _eval_nonnegative(self) -> Any:
        return self.args[0].is_nonnegative

    _eval_is_nonnegative = _eval_nonnegative


def distributed(expression: Any) -> Any:
    """Every trace written as a sum of traces of monomials, with the numbers pulled out; Tr[1] is the rank.

    >>> from modelcollapse.theory.problem import notation as n
    >>> distributed(Trace(n.kappa * (n.p + 2 * n.q)))
    kappa*tr[p] + 2*kappa*tr[q]
    """
    return expression.replace(Trace, lambda argument: distributed_over(argument, rank))


def distributed_over(argument: Any, size: Any) -> Any:
    """Tr[argument] as a sum of traces of monomials, with the numbers pulled out; Tr[1] is `size`.

    >>> from modelcollapse.theory.problem import notation as n
    >>> distributed_over(3 + n.s, n.rows)
    3*n + tr[s]
    """
    total = sympy.S.Zero
    for term in sympy.Add.make_args(sympy.expand(argument)):
        number, function = split(term)
        total += number * (size if function == 1 else Trace(function))
    return total


def split(term: Any) -> tuple[Any, Any]:
    """A product as (number, function of the eigenvalue); a trace is a number, whatever stands inside it."""
    number, function = sympy.S.One, sympy.S.One
    for factor in sympy.Mul.make_args(term):
        if factor.replace(Trace, lambda _: sympy.S.One).has(Spectral):
            function *= factor
        else:
            number *= factor
    return number, function


def standing_with(functional: Any, letter: Any) -> Any:
    """The function f of a functional Tr[f letter] of a spectral letter, in which every trace is of a monomial.

    >>> from modelcollapse.theory.problem import notation as n
    >>> standing_with(Trace(n.q**2 * n.weight) + Trace(n.p * n.weight) * Trace(n.q) / n.rows, n.weight)
    p*tr[q]/n + q**2
    """
    one = {letter: sympy.S.One}
    return functional.replace(
        lambda part: isinstance(part, Trace) and part.has(letter), lambda part: part.args[0].xreplace(one)
    )
