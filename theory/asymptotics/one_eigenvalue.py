r"""The forward form of a one-step rule where all eigenvalues are equal: a linear recursion with constants.

A trace is then a sum of r equal terms, and kept share Q, lost share P and variance U of a direction follow

    Q <- k Q,    P <- l + k P,    Q^2 tau + U <- a (Q^2 tau + U) + c sigma^2,

because the second moment of the model takes part in a step as a whole.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import sympy

from ..algebra.reduction.signs import one_sign
from ..problem import notation as x
from ..problem.errors import SpecificationError
from ..rules.one_step import OneStep
from ..rules.trace import Trace

LETTERS = (x.p, x.q)


class Recursion(NamedTuple):
    """The constants of the recursion.

    Attributes:
        definitions: of the symbols in them.
        kept, lost: k and l = 1 - k.
        ratio: a.
        loss: 1 - a, without subtraction where there is such a form.
        noise: c.
        shrinking: whether a < 1 for all values that the rule allows, as far as signs show.
        behind: whether a <= k as well.
    """

    definitions: tuple[tuple[Any, Any], ...]
    kept: Any
    lost: Any
    ratio: Any
    loss: Any
    noise: Any
    shrinking: bool
    behind: bool


def recursion(rule: OneStep) -> Recursion:
    """The constants, read off the forward form of the rule.

    Raises:
        SpecificationError: for a rule that does not keep what it does not lose.

    >>> from modelcollapse.theory.rules.resolvent import RESOLVENT
    >>> made = recursion(RESOLVENT)
    >>> made.ratio, made.loss, made.noise
    (q**2*(p**2*r + D^(2))/D^(2), p*(p*q*r + p*D^(1) + 2*q*D^(1))/D^(2), q**2/D^(2))
    """
    forward = {symbol: _alone(value) for symbol, value in rule.forward()}
    definitions = tuple((symbol, _alone(value)) for symbol, value in rule.definitions)
    gains = {symbol: value for symbol, value in forward.items() if symbol in (x.chi, x.eta)}
    spread = sympy.expand(forward[x.spread].subs(gains))
    ratio, noise = sympy.factor(spread.coeff(x.spread)), sympy.factor(spread.coeff(x.noise**2))
    kept, lost = sympy.factor(forward[x.kept].coeff(x.kept)), forward[x.lost].subs(x.lost, 0)
    inner = [(symbol, value) for symbol, value in definitions if symbol not in LETTERS and value.has(*LETTERS)]
    if unsubtracted(kept + lost - 1, inner) != 0:
        raise SpecificationError("rule", (kept, lost), "shares kept and lost that add up to 1")
    loss = unsubtracted(1 - ratio, inner)
    return Recursion(
        definitions=definitions,
        kept=kept,
        lost=lost,
        ratio=ratio,
        loss=loss,
        noise=noise,
        shrinking=loss != 0 and _positive(loss / lost),
        behind=lost != 0 and _positive(unsubtracted(kept - ratio, inner) / (kept * lost)),
    )


def unsubtracted(expression: Any, inner: list[tuple[Any, Any]] | None = None) -> Any:
    """A rational function of p and q = 1 - p with its numerator raised to one degree in them, and factored.

    Args:
        expression: the function.
        inner: definitions of margins in p and q, put in above the bar.

    >>> unsubtracted(1 - x.q**2)
    p*(p + 2*q)
    >>> unsubtracted(x.p + x.q - 1)
    0
    """
    above, below = sympy.fraction(sympy.together(expression))
    for symbol, value in reversed(inner or []):
        above = above.subs(symbol, value)
    above = sympy.expand(above)
    others = sorted(above.free_symbols - set(LETTERS), key=str)
    groups: dict[Any, list[Any]] = {}
    for term in sympy.Add.make_args(above):
        number, letters = term.as_independent(*LETTERS)
        rest = sympy.Mul(*(factor for factor in sympy.Mul.make_args(number) if factor.has(*others))) if others else 1
        groups.setdefault(rest, []).append(number / rest * letters)
    return sympy.factor(sympy.Add(*(rest * _raised(terms) for rest, terms in groups.items()))) / below


def _raised(terms: list[Any]) -> Any:
    """The sum of monomials in p and q, raised to one degree; factors p + q, which is 1, are left out."""
    degrees = [sympy.Poly(term, *LETTERS).total_degree() for term in terms]
    total = sympy.Add(
        *(term * (x.p + x.q) ** (max(degrees) - degree) for term, degree in zip(terms, degrees, strict=True))
    )
    return sympy.factor(sympy.expand(total)).xreplace({x.p + x.q: sympy.S.One})


def _positive(expression: Any) -> bool:
    """Whether signs alone show that a rational function is not negative."""
    above, below = sympy.fraction(sympy.factor(expression))
    if above == 0:
        return True
    return all(one_sign(part) for part in (above, below) if part.free_symbols) and bool(
        expression.subs(dict.fromkeys(expression.free_symbols, 1)) > 0
    )


def _alone(expression: Any) -> Any:
    """Traces of one eigenvalue: r equal terms."""
    return expression.replace(Trace, lambda argument: x.rank * argument)
