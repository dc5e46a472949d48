r"""The terms of a scaling law, from the theorem's own SymPy object.

`TEST_ERROR_AFTER_GENERATORS` is read part by part (the truth, the last fit's noise, the generators' noise). Sums over
the spectrum are expanded in kappa and d (`power_law`), kappa and d are put in as powers of T, and of every sum the
leading orders are kept (`orders`). Nothing of the theorem is typed again.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple, final

import sympy

from ..problem import notation as x
from ..problem.errors import NoTheorem
from ..rules.resolvent import EFFECTIVE_RIDGE
from ..rules.trace import Trace
from ..statements.demystified import GENERATOR_NOISE, GENERATOR_ROWS, GENERATORS, TEST_ERROR_AFTER_GENERATORS
from .demystified_family import Demystified
from .law_regimes import LawRegime, Logarithm, NoDecay, Ridgeless, Saturated, SmoothSource, WastedGeneratorRows
from .orders import Comparison, Order, Orders, Reading, power, product
from .power_law import Piece, PowerSpectrum, Step, asymptotic, saturated
from .wording import upright

ROWS = x.scalar("T")
BIAS, VARIANCE = "bias", "variance"
DIRECT, SPREAD = "generators' noise, as the fit sees it", "generators' noise, spread by the fit"


def _parts() -> dict[str, Any]:
    """The theorem's error by what causes it."""
    result = sympy.expand(TEST_ERROR_AFTER_GENERATORS.result)
    variance, generators = (result.coeff(noise, 2) * noise**2 for noise in (x.noise, GENERATOR_NOISE))
    direct, spread = sorted(sympy.expand(generators).args, key=lambda part: len(part.atoms(Trace)))
    bias = result - sympy.expand(variance) - direct - spread
    return {BIAS: bias, VARIANCE: sympy.expand(variance), DIRECT: direct, SPREAD: spread}


PARTS = _parts()


class LawTerm(NamedTuple):
    """A term of the error: constant * T^(-exponent) * (log T)^log.

    Attributes:
        name: where it comes from.
        constant, exponent: numbers, or expressions in the family's symbols.
        log: power of the logarithm.
    """

    name: str
    constant: Any
    exponent: Any
    log: int = 0

    @property
    def value(self) -> Any:
        """The term as an expression in T."""
        return self.constant * ROWS ** (-self.exponent) * sympy.log(ROWS) ** self.log


@final
class Terms(NamedTuple):
    """What a family's error consists of.

    Attributes:
        terms: of the error.
        conditions: on the family's symbols, under which these are the leading terms.
        regimes: what is to be known about them.
        steps: the derivation.
    """

    terms: tuple[LawTerm, ...]
    conditions: tuple[Any, ...]
    regimes: tuple[LawRegime, ...]
    steps: tuple[Step, ...]


@lru_cache(maxsize=512)
def terms_of(family: Demystified, near: Demystified) -> Terms:
    """The leading terms of bias, variance and of both parts of the generators' noise.

    Args:
        family: numbers or symbols.
        near: values for the symbols, which tell the regime.

    Raises:
        NoTheorem: on the boundary between two regimes.
    """
    compare = Comparison(family.symbols(near), family.ranges())
    sums = _Sums(family, compare)
    reading = Reading(sums.symbols(), sums.orders, compare)
    statement = TEST_ERROR_AFTER_GENERATORS
    for symbol, value in statement.definitions:
        if symbol not in (x.q, x.p):
            reading.define(symbol, value)
    terms = tuple(
        LawTerm(name, _tidy(order.coefficient, family.symbols(near)), sympy.expand(order.exponent), order.log)
        for name, part in PARTS.items()
        for order in reading.of(part)
    )
    growing = tuple(NoDecay(term.name, term.exponent) for term in terms if compare.sign(term.exponent) <= 0)
    regimes = (*sums.regimes(), *growing)
    written = (Step(f"{name} as T grows", sum(t.value for t in terms if t.name == name)) for name in PARTS)
    steps = (Step("the error after least-squares generators", statement.result), *sums.steps, *written)
    return Terms(terms, compare.conditions, regimes, steps)


def _tidy(coefficient: Any, values: dict[Any, Any]) -> Any:
    return upright(sympy.powsimp(coefficient), values) if coefficient.free_symbols else coefficient


@final
class _Sums:
    """Symbols and spectral sums of a family as powers of T."""

    def __init__(self, family: Demystified, compare: Comparison) -> None:
        self._family, self._compare = family, compare
        self._spectrum = PowerSpectrum(family.exponent, family.source)
        self._finite = family.generator_ratio != 0
        self._scale, self._rate = family.penalty_scale, family.penalty
        self._found: dict[Any, Orders] = {}
        self.steps: list[Step] = []
        self._settle()

    def _settle(self) -> None:
        """The effective ridge, which says in which regime the family is."""
        beta, rows = self._family.exponent, self._family.generator_rows
        self._saturated = self._ridgeless = False
        thin = self._finite and self._compare.sign(rows - 1) <= 0  # d below T
        limit = beta * rows if thin else beta
        beyond = self._compare.sign(self._rate - limit)
        if beyond == 0:
            raise NoTheorem(f"the penalty's exponent is not {limit}", "penalties on either side of it")
        if beyond > 0 and thin:
            self._saturated = True
            if self._compare.sign(rows - 1) == 0:
                self._scale = self._scale / (1 - self._family.generator_ratio)
        elif beyond > 0:
            self._ridgeless = True
            (freedom,) = EFFECTIVE_RIDGE.result.atoms(Trace)  # all rows: T = df_1(kappa)
            free = _inside(freedom, self._spectrum)
            self._scale, self._rate = free.pieces[0].coefficient ** beta, beta
        elif self._finite and not thin:
            self._compare.sign(beta * rows - self._rate)
        if not self._finite and self._family.generator_noise != 0 and self._compare.sign(beta * rows - self._rate) <= 0:
            allowed = "generator_ratio > 0, or more generator rows"
            raise NoTheorem("d << T_0 leaves s_d << kappa (penalty < exponent * generator_rows)", allowed)
        words = "the effective ridge, from the rows in terms of it"
        self.steps.append(Step(words, sympy.Eq(x.kappa, self._scale * ROWS ** (-self._rate), evaluate=False)))

    def symbols(self) -> dict[Any, Orders]:
        """The theorem's parameters."""
        own = self._family
        size: Orders = ()
        if self._finite:
            size = (Order(own.generator_ratio, -own.generator_rows),)
        return {
            x.kappa: (Order(self._scale, self._rate),),
            x.penalty: (Order(own.penalty_scale, own.penalty),),
            x.rows: (Order(sympy.S.One, sympy.Integer(-1)),),
            x.rank: size,
            x.noise: _constant(own.noise),
            GENERATOR_NOISE: _constant(own.generator_noise),
            GENERATOR_ROWS: (Order(sympy.S.One, -own.generator_rows),),
            GENERATORS: (Order(own.generations_scale, -own.generations),),
        }

    def orders(self, trace: Any) -> Orders:
        """A spectral sum."""
        if trace not in self._found:
            expansion = (_saturated if self._saturated else _inside)(trace, self._spectrum)
            value = sympy.Eq(trace, expansion.value, evaluate=False)
            self.steps += [*expansion.steps, Step("so that, as kappa vanishes", value)]
            self._found[trace] = self._leading(expansion.pieces)
        return self._found[trace]

    def _leading(self, pieces: tuple[Piece, ...]) -> Orders:
        if not self._finite:
            if any(self._compare.sign(piece.size) > 0 for piece in pieces):
                return ()  # of the order of d
            pieces = tuple(piece for piece in pieces if self._compare.sign(piece.size) == 0)
        return self._compare.leading(order for piece in pieces for order in self._orders(piece))

    def _orders(self, piece: Piece) -> Orders:
        ridge, size = Order(self._scale, self._rate), Order(self._family.generator_ratio, -self._family.generator_rows)
        found: Orders = (Order(piece.coefficient, sympy.S.Zero),)
        found = product(found, power((ridge,), piece.ridge))
        if piece.size != 0:
            found = product(found, power((size,), piece.size))
        for base, times, sign in ((ridge, piece.log, -1), (size, piece.log_size, 1)):
            for _ in range(times):
                logarithm = (
                    Order(-sign * base.exponent, sympy.S.Zero, 1),
                    Order(sign * sympy.log(base.coefficient), sympy.S.Zero),
                )
                found = product(found, logarithm)
        return found

    def regimes(self) -> tuple[LawRegime, ...]:
        """What is to be known."""
        family, found = self._family, list[LawRegime]()
        found += [Saturated()] if self._saturated else []
        found += [Ridgeless()] if self._ridgeless else []
        if family.source == 1:
            found.append(Logarithm())
        elif self._compare.sign(family.source - 1) > 0:
            found.append(SmoothSource())
        wasted = self._finite and self._compare.sign(family.generator_rows - 1) > 0
        return (*found, *((WastedGeneratorRows(),) if wasted else ()))


def _constant(value: Any) -> Orders:
    return (Order(value, sympy.S.Zero),) if value != 0 else ()


_inside = lru_cache(maxsize=256)(asymptotic)
_saturated = lru_cache(maxsize=256)(saturated)
