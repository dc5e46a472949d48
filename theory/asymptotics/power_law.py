r"""Spectral sums of a power law as the effective ridge vanishes, by Mellin transforms.

With s_k = k^{-beta}, tau_k = k^{-1 - 2 r beta} and y = k kappa^{1/beta} every sum that rules are written in is

    S = sum_{k <= d} k^{-delta} h(y),        h(y) = q^i p^j = y^{beta j}/(1 + y^beta)^{i + j}.

h has the Mellin transform H(z) = B(j + z/beta, i - z/beta)/beta for -beta j < Re z < beta i, so that without a last
eigenvalue S = (1/2 pi i) int H(z) zeta(z + delta) kappa^{-z/beta} dz. Its poles on the left give, as kappa -> 0,

    z = 1 - delta:         the integral over all k,   B(j + (1 - delta)/beta, i - (1 - delta)/beta)/beta
                                                                                         * kappa^{(delta - 1)/beta};
    z = -beta (j + m):     the first eigenvalues,     (-1)^m C(i + j + m - 1, m) zeta(delta - beta (j + m)) kappa^{j+m};

and a logarithm where two of them meet,

    (-1)^m C(i + j + m - 1, m) kappa^{j + m} [(log(1/kappa) + psi(m + 1) - psi(i + j + m))/beta + gamma].

The last eigenvalue s_d << kappa takes away what would come after it (Euler and Maclaurin), for every m

    (-1)^m C(i + j + m - 1, m) kappa^{-(i + m)} d^{1 - e}/(1 - e),        e = delta + beta (i + m),

which by continuation in delta also holds where the sum needs its last eigenvalue to converge. Where s_d >> kappa
(the fit resolves all directions) p^j is expanded in kappa/s instead: every m gives the same numbers times
kappa^{j + m} sum_{k <= d} k^{-e}, e = delta - beta (j + m).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, final

import sympy

from ..problem import notation as x
from ..problem.errors import NoTheorem
from ..rules.trace import Trace, split
from .monomial import Monomial, monomial


class Piece(NamedTuple):
    """coefficient * kappa^ridge * d^size * log(1/kappa)^log * log(d)^log_size.

    Attributes:
        coefficient: a number, or an expression in the exponents.
        ridge, size: powers of the effective ridge and of the dimension.
        log, log_size: 0 or 1.
    """

    coefficient: Any
    ridge: Any
    size: Any = sympy.S.Zero
    log: int = 0
    log_size: int = 0

    def value(self, ridge: Any = x.kappa, size: Any = x.dimension) -> Any:
        """The piece as an expression."""
        logs = sympy.log(1 / ridge) ** self.log * sympy.log(size) ** self.log_size
        return self.coefficient * ridge**self.ridge * size**self.size * logs


class Step(NamedTuple):
    """A step of a derivation: what is done, and what comes out.

    Attributes:
        words: a clause.
        formula: a SymPy expression or equation.
    """

    words: str
    formula: Any


@final
@dataclass(frozen=True)
class PowerSpectrum:
    """The spectrum s_k = k^{-exponent}, k = 1, 2, ..., with tau_k = k^{-1 - 2 source exponent}.

    Attributes:
        exponent: beta > 0, a number or a symbol.
        source: r > 0.
    """

    exponent: Any
    source: Any = sympy.S.Half


@final
@dataclass(frozen=True)
class Expansion:
    """An asymptotic expansion of a spectral sum.

    Attributes:
        pieces: its terms, those of the integral first.
        steps: how they were found.
    """

    pieces: tuple[Piece, ...]
    steps: tuple[Step, ...]

    @property
    def value(self) -> Any:
        """The sum of the pieces, in kappa and d."""
        return sympy.Add(*(piece.value() for piece in self.pieces))


def asymptotic(trace: Any, spectrum: PowerSpectrum, order: int = 1) -> Expansion:
    """The leading terms of a spectral sum as kappa -> 0 with kappa >> s_d.

    Args:
        trace: Tr[f], f a polynomial in s, kappa, q, p, 1/(s + kappa), at most linear in tau; or a sum of such.
        spectrum: its exponents, numbers (exact: rationals) or symbols. Symbols are taken to be generic: no two
            exponents meet.
        order: how many terms m = 0, 1, ... of the first eigenvalues, and of the last one, >= 1.

    Returns:
        An `Expansion`: the term of the integral; for m < order those of the first eigenvalues and of the last one.
        What is left out is O(kappa^{j + order}) + O(kappa^{-(i + order)} d^{1 - delta - beta (i + order)}) +
        O(kappa^{-i} d^{-delta - beta i}).

    Raises:
        NoTheorem: where the integral and the last eigenvalue give a logarithm together, or f is no such polynomial.

    Source: derived in theory/asymptotics/power_law.py.

    >>> beta = sympy.Symbol("beta", positive=True)
    >>> asymptotic(Trace(x.q), PowerSpectrum(beta)).pieces[:2]  # df_1
    (Piece(coefficient=pi/(beta*sin(pi/beta)), ridge=-1/beta, size=0, log=0, log_size=0), \
Piece(coefficient=-1/2, ridge=0, size=0, log=0, log_size=0))
    """
    return _expansion(trace, spectrum, order, _inside)


def saturated(trace: Any, spectrum: PowerSpectrum, order: int = 1) -> Expansion:
    """The leading terms of a spectral sum as kappa -> 0 with kappa << s_d, where every direction is resolved.

    Args:
        trace, spectrum, order: as for `asymptotic`.

    Returns:
        An `Expansion` in kappa and d for d -> infinity.

    Raises:
        NoTheorem: where f is no such polynomial.

    Source: derived in theory/asymptotics/power_law.py.

    >>> saturated(Trace(x.p**2), PowerSpectrum(sympy.Integer(2))).value  # kappa^2 tr[s^{-2}] = kappa^2 sum k^4
    d**5*kappa**2/5
    """
    return _expansion(trace, spectrum, order, _below)


def _expansion(trace: Any, spectrum: PowerSpectrum, order: int, expand: Any) -> Expansion:
    pieces: list[Piece] = []
    steps: list[Step] = []
    for term in sympy.Add.make_args(sympy.expand_mul(trace)):
        number, rest = term.as_independent(Trace)
        if not isinstance(rest, Trace):
            raise NoTheorem(f"a sum over the spectrum, not {term}", "one trace at a time")
        for product in sympy.Add.make_args(sympy.expand(rest.args[0].subs(x.s + x.kappa, x.kappa / x.p))):
            own, function = split(product)
            found, told = expand(monomial(function, spectrum.exponent, spectrum.source), spectrum.exponent, order)
            factor, ridge = (number * own).as_independent(x.kappa)
            power = ridge.as_base_exp()[1] if ridge != 1 else 0
            for piece in found:
                pieces.append(piece._replace(coefficient=factor * piece.coefficient, ridge=piece.ridge + power))
            steps += told
    return Expansion(tuple(piece for piece in pieces if piece.coefficient != 0), tuple(steps))


def _inside(own: Monomial, beta: Any, order: int) -> tuple[list[Piece], list[Step]]:
    delta, i, j = own.decay, own.kept, own.lost
    if i + j == 0:
        return _plain(own)
    at = (1 - delta) / beta
    meets = [m for m in range(order + _FAR) if sympy.simplify(at + j + m) == 0]
    if any(sympy.simplify(at - i - m) == 0 for m in range(order + _FAR)):
        raise NoTheorem("the sum does not decay like 1/k after the last resolved eigenvalue", "another `exponent`")
    pieces = _logarithm(own, beta, meets[0]) if meets else [Piece(_integral(i, j, at, beta) / beta, -at)]
    heads = [m for m in range(order) if m not in meets]
    pieces += [Piece(_binomial(i, j, m) * sympy.zeta(delta - beta * (j + m)), j + m) for m in heads]
    pieces += [_last(delta + beta * (i + m), _binomial(i, j, m), -(i + m)) for m in range(order)]
    pieces = [piece._replace(ridge=sympy.expand(piece.ridge + own.ridge)) for piece in pieces]
    return pieces, [*_mellin(own, beta), Step(_WORDS[bool(meets)], sympy.Add(*(one.value() for one in pieces)))]


def _logarithm(own: Monomial, beta: Any, m: int) -> list[Piece]:
    """What the integral and the m-th term of the first eigenvalues give together."""
    number, i, j = _binomial(own.kept, own.lost, m), own.kept, own.lost
    shift = (sympy.digamma(m + 1) - sympy.digamma(i + j + m)) / beta + sympy.EulerGamma
    return [Piece(number / beta, j + m, log=1), Piece(number * sympy.expand(shift), j + m)]


def _below(own: Monomial, beta: Any, order: int) -> tuple[list[Piece], list[Step]]:
    delta, i, j = own.decay, own.kept, own.lost
    if i + j == 0:
        return _plain(own)
    pieces: list[Piece] = []
    for m in range(order):
        number, power, decay = _binomial(i, j, m), j + m + own.ridge, sympy.simplify(delta - beta * (j + m))
        pieces += [one._replace(coefficient=number * one.coefficient, ridge=power) for one in _harmonic(decay)]
    words = "all directions are resolved: p = (kappa/s)/(1 + kappa/s)"
    return pieces, [Step(words, sympy.Add(*(piece.value() for piece in pieces)))]


def _plain(own: Monomial) -> tuple[list[Piece], list[Step]]:
    """A sum without shrinkage."""
    pieces = [one._replace(ridge=own.ridge) for one in _harmonic(own.decay)]
    return pieces, [Step("sum of powers", sympy.Add(*(one.value() for one in pieces)))]


def _harmonic(decay: Any) -> list[Piece]:
    """sum_{k <= d} k^{-decay}."""
    if sympy.simplify(decay - 1) == 0:
        return [Piece(sympy.S.One, sympy.S.Zero, log_size=1), Piece(sympy.EulerGamma, sympy.S.Zero)]
    whole = [Piece(sympy.zeta(decay), sympy.S.Zero), Piece(1 / sympy.factor_terms(1 - decay), sympy.S.Zero, 1 - decay)]
    return whole[1:] if decay == 0 else whole  # d exactly: zeta(0) = -1/2 is what the end of the sum makes up for


def _last(decay: Any, number: Any, ridge: Any) -> Piece:
    power = sympy.expand(1 - decay)
    return Piece(number / sympy.factor_terms(power), ridge, power)


def _binomial(i: Any, j: Any, m: int) -> Any:
    return (-1) ** m * sympy.binomial(i + j + m - 1, m)


def _integral(i: Any, j: Any, at: Any, beta: Any) -> Any:
    """B(j + at, i - at), by sines unless these could be 0/0 at a whole number between the poles, as at r = 1/2."""
    at = sympy.expand(at)
    value = sympy.gamma(j + at) * sympy.gamma(i - at) / sympy.gamma(i + j)
    within = at.subs(beta, 1 + sympy.Dummy(positive=True)) if beta.is_Symbol else at
    return sympy.gammasimp(value) if all(sympy.together(within - m).is_nonzero for m in range(1 - j, i)) else value


def _mellin(own: Monomial, beta: Any) -> list[Step]:
    k, z, y = sympy.symbols("k z y", positive=True)
    summand = k ** (-own.decay) * y ** (beta * own.lost) / (1 + y**beta) ** (own.kept + own.lost)
    transform = sympy.Function("B")(own.lost + z / beta, own.kept - z / beta) / beta
    return [
        Step("with y = k kappa^(1/beta), the summand", summand),
        Step("its Mellin transform in y", transform),
    ]


_FAR = 8  # how far ahead two poles are looked for that meet
_WORDS = {
    False: "poles of the transform and of zeta(z + delta), and the last eigenvalue",
    True: "two poles meet: a logarithm; further poles, and the last eigenvalue",
}
