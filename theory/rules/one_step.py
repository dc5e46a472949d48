"""The shape of a one-step rule, and its adjoint.

One fit on fresh rows X maps the model w before it to W w + (noise), where W is the random matrix of the estimator. For
every estimator here, and any deterministic weight B on the eigendirections (in units of error),

    E W            ~ kept,                                         1 - E W ~ lost,
    E W' B W       ~ a B + g b Tr[c B] + g' b' Tr[c' B],           (second moment)
    E |noise|_B^2  ~ sigma^2 h Tr[c B].                            (noise)

A random projection has the second pair, most fits do not. Read backwards this takes the weight B of the error one
generation into the past. Its adjoint with respect to Tr[B M] takes the second moment M = T + U of the model, the square
of its mean and its variance, one generation into the future:

    M <- a M + c chi + c' eta,        chi = g Tr[b M] + sigma^2 h,    eta = g' Tr[b' M].

The square of the new mean, kept^2 T, is subtracted here, once and symbolically, so that numbers never cancel. Where the
truth is all that the mean is made of, T = Q^2 tau.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import sympy

from ..problem import notation as x
from .statement import Statement
from .trace import Trace, distributed, split

SQUARE_OF_THE_MEAN = x.kept**2 * x.tau  # of the model before the step, where only the truth labels rows


@final
@dataclass(frozen=True)
class Gain:
    """What one chi gains.

    Attributes:
        pairs: (g, b) of every g Tr[b M].
        collected: c, by which it enters the new second moment.
        noise: h, what label noise of unit variance adds.
    """

    pairs: tuple[tuple[Any, Any], ...]
    collected: Any
    noise: Any


@final
@dataclass(frozen=True)
class OneStep:
    """One estimator's rule: four statements that share their definitions."""

    kept: Statement
    lost: Statement
    second_moment: Statement
    noise: Statement

    @property
    def definitions(self) -> tuple[tuple[Any, Any], ...]:
        """The shared definitions."""
        return self.second_moment.definitions

    def statements(self) -> tuple[Statement, ...]:
        """The four statements."""
        return (self.kept, self.lost, self.second_moment, self.noise)

    def gains(self) -> tuple[Any, tuple[Gain, ...]]:
        """a, and what chi (and eta) gain: parts of the second moment that collect the weight alike, noise first."""
        local, pairs = linear_parts(self.second_moment.result)
        noise = linear_parts(self.noise.result)[1]
        collected = [noise[0][2]]
        own: list[list[tuple[Any, Any]]] = [[]]
        for number, emitted, collecting in pairs:
            known = [index for index, one in enumerate(collected) if sympy.simplify(collecting - one) == 0]
            if not known:
                collected.append(collecting)
                own.append([])
            own[known[0] if known else -1].append((number, emitted))
        if len(collected) > len(_GAINS):
            raise ValueError("second moment and noise must collect the weight in at most two ways")
        noises = [sum(number for number, _, _ in noise), *(sympy.S.Zero for _ in collected[1:])]
        return local, tuple(Gain(tuple(p), c, h) for p, c, h in zip(own, collected, noises, strict=True))

    def forward(self, mean_square: Any = SQUARE_OF_THE_MEAN) -> tuple[tuple[Any, Any], ...]:
        """The step forwards, as definitions of chi (and eta) and of the new U, P, Q in terms of the old ones.

        Args:
            mean_square: T, the square of the mean of the model before, in units of error.
        """
        local, gains = self.gains()
        lines = []
        for symbol, one in zip(_GAINS, gains, strict=False):
            total = x.noise**2 * one.noise
            for number, emitted in one.pairs:
                total += sympy.factor(number) * Trace(emitted * (mean_square + x.spread))
            lines.append((symbol, sympy.factor_terms(total)))
        # a - kept^2 is what the fluctuation of W itself adds along the mean.
        fluctuation = sympy.factor(local - self.kept.result**2)
        spread = sympy.factor(local) * x.spread + fluctuation * mean_square
        spread += sum(symbol * one.collected for symbol, one in zip(_GAINS, gains, strict=False))
        return (
            *lines,
            (x.spread, sympy.factor_terms(spread)),
            (x.lost, self.lost.result + self.kept.result * x.lost),
            (x.kept, self.kept.result * x.kept),
        )


_GAINS = (x.chi, x.eta)


def linear_parts(expression: Any) -> tuple[Any, list[tuple[Any, Any, Any]]]:
    """Split an expression a B + sum g b Tr[c B] into a and the list of (g, b, c).

    >>> from modelcollapse.theory.problem import notation as n
    >>> linear_parts(n.q * n.weight + n.chi * n.p * Trace(n.s * n.weight))
    (q, [(chi, p, s)])
    """
    expanded = sympy.expand(distributed(expression))
    traces = sorted(expanded.atoms(Trace), key=str)
    local = expanded.subs(dict.fromkeys(traces, 0)).coeff(x.weight)
    pairs = []
    for trace in traces:
        number, emitted = split(expanded.coeff(trace))
        pairs.append((number, emitted, trace.args[0].coeff(x.weight)))
    return local, pairs
