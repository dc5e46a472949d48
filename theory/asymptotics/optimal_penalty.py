r"""The penalty that leaves the least error along a family: where the bias meets the noise.

With kappa the effective ridge, a law has the bias B kappa^m and noise V T^{-p} kappa^{-1/beta}, m = 2 min(r, 1): of
several noises that count, the one of the least p (V their sum, where p is the same). The derivative vanishes at

    kappa^{m + 1/beta} = V T^{-p}/(m beta B),    so that    l_crit = p beta/(m beta + 1),

and the error there is (1 + m beta) B kappa^m. At r = 1 the bias is kappa^2 (B_1 log(1/kappa) + B_0); then y =
kappa^{2 + 1/beta} solves y (A - C log y) = V T^{-p}/beta with A = 2 B_0 - B_1 and C = 2 B_1/(2 + 1/beta), which is
Lambert's function on its lower branch, log y = A/C + W_{-1}(-V T^{-p} e^{-A/C}/(beta C)).

kappa is at least that of the ridgeless fit, (c T)^{-beta}. Where l_crit would exceed beta, nothing is gained by a
smaller penalty: l = beta.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, final

import numpy as np
import sympy

from ..problem import checks
from ..problem.errors import NoTheorem, SpecificationError
from ..results.labelled import LABEL_UNITS, RATIO, Column, Labelled
from ..results.tables import Row
from ..rules.bibliography import cite
from ..rules.statement import latex
from ..statements.demystified import TEST_ERROR_AFTER_GENERATORS
from .demystified_family import Demystified, a_family
from .law_regimes import LawRegime, Logarithm, Ridgeless
from .orders import Comparison, Order
from .power_law import Step
from .scaling_law import EXAMPLE, column_of
from .scaling_terms import BIAS, ROWS, LawTerm, Terms, terms_of
from .wording import Fitted, stated, upright

_RATE = sympy.Symbol("ell", positive=True)
PENALTY_UNITS = "covariance units"
_SMALL = sympy.Rational(1, 1000)  # of the least exponent at which a penalty matters no more


@final
@dataclass(frozen=True, eq=False, repr=False)
class OptimalPenalty(Fitted):
    """The best penalty of the last fit along a family, and what it achieves.

    Attributes:
        family: its own penalty is not read.
        exponent: l_crit of the best penalty, T^(-l_crit) up to a logarithm at r = 1.
        error_exponent: e of the error T^(-e), up to a logarithm at r = 1.
        penalty: the best penalty, an expression in T; None where only its exponent is known.
        error: the least error, an expression in T; None where only its exponent is known.
        binding: names of the noises that meet the bias.
        conditions: on the family's symbols.
        regimes: warnings.
        derivation: how it is found.
    """

    family: Demystified
    exponent: Any
    error_exponent: Any
    penalty: Any
    error: Any
    binding: tuple[str, ...]
    conditions: tuple[Any, ...]
    regimes: tuple[LawRegime, ...]
    derivation: tuple[Step, ...]

    def penalty_at(self, rows: Any) -> Any:
        """The best penalty at numbers of rows T > 0, in the shape of the array.

        Raises:
            SpecificationError: where the penalty is not known as a number.
        """
        return _numbers(self.penalty, rows)

    def error_at(self, rows: Any) -> Any:
        """The least error at numbers of rows T > 0, in the shape of the array.

        Raises:
            SpecificationError: where the error is not known as a number.
        """
        return _numbers(self.error, rows)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain strings and lists."""
        return {
            "result": "OptimalPenalty",
            "family": {name: str(value) for name, value in vars(self.family).items()},
            **{name: str(value) for name, value in self._expressions().items()},
            "binding": list(self.binding),
            "conditions": [str(condition) for condition in self.conditions],
            "regimes": [str(regime) for regime in self.regimes],
            "derivation": [[step.words, str(step.formula)] for step in self.derivation],
        }

    def _expressions(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("exponent", "error_exponent", "penalty", "error")}

    def labelled(self) -> Labelled:
        """Exponents, constants (at T = 1) and expressions in T of penalty and error; what is symbolic as text."""
        about = {"binding": list(self.binding), "regimes": [str(one) for one in self.regimes]}
        known = [self.penalty, self.error]
        powers = all(one is not None and not one.has(sympy.log, sympy.LambertW) for one in known)
        constants = [one.subs(ROWS, 1) for one in known] if powers else [sympy.nan] * 2  # none before a logarithm
        columns = {
            "exponent": column_of([self.exponent, self.error_exponent], RATIO),
            "constant": column_of(constants, f"penalty: {PENALTY_UNITS}, error: {LABEL_UNITS}"),
            "expression": Column(np.array([str(one) for one in known])),
        }
        return Labelled({"of": ["penalty", "error"]}, columns, about)

    def cite(self) -> str:
        """BibTeX of the software and of the paper behind the theorem."""
        return cite([TEST_ERROR_AFTER_GENERATORS.source])

    _head = ("of the best penalty", "value")
    _details_title = "what binds, warnings, conditions"

    def _remarks(self) -> list[str]:
        met = [f"the bias meets: {', '.join(self.binding)}"]
        valid = (f"as long as {condition}" for condition in self.conditions)
        return [*met, *map(str, self.regimes), *valid]

    def _cells(self) -> list[Row]:
        return [(name.replace("_", " "), str(value)) for name, value in self._expressions().items()]

    def _repr_latex_(self) -> str:
        known = ((r"\ell", self.exponent), (r"\lambda", self.penalty), ("E", self.error))
        lines = [f"{name} &= {latex(value)}" for name, value in known if value is not None]
        return "$$\n\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}\n$$"


def optimal_penalty(family: Demystified, near: Demystified = EXAMPLE) -> OptimalPenalty:
    r"""The penalty of the last fit that leaves the least error along a family, with its exponent and constant.

    $$ \ell_{crit} = \min\Big(\frac{p \beta}{2 \min(r, 1) \beta + 1}, \beta\Big), \qquad
    E \asymp T^{-2 \min(r, 1) \ell_{crit}}, $$
    p = min(1, b' - a) with noise in the last fit, b' - a without; b' = min(b, 1) where d = phi_0 T_0, b where d is far
    less than T. At r = 1 both have logarithms, which `penalty` and `error` hold.

    Args:
        family: numbers, or SymPy symbols (positive); its penalty is not read.
        near: values for the symbols; they tell which regime is meant.

    Returns:
        An `OptimalPenalty`, of the law's leading terms.

    Raises:
        NoTheorem: where nothing is noisy, or the error does not decay whatever the penalty.
        SpecificationError: for anything but such families.

    Source: derived in theory/asymptotics/optimal_penalty.py.

    >>> best = optimal_penalty(Demystified(exponent=1.5, source=0.5, penalty=1, generator_ratio=0.5))
    >>> best.exponent, best.error_exponent  # beta/(2 r beta + 1) = 1.5/2.5
    (3/5, 3/5)
    """
    found = _varied(a_family("family", family), a_family("near", near))
    compare = Comparison(family.symbols(near), family.ranges())
    bias = [term for term in found.terms if term.name == BIAS]
    noises = [term for term in found.terms if term.name != BIAS]
    powers = [term.exponent.subs(_RATE, 0) for term in noises]
    if not noises:
        raise NoTheorem("some labels are noisy", "the least penalty: without noise shrinkage only loses")
    (least,) = compare.leading(Order(term.constant, own) for term, own in zip(noises, powers, strict=True))
    if compare.sign(least.exponent) <= 0:
        raise NoTheorem("the generations grow slower than the rows make up for", "scaling_law(family): no decay")
    paired = zip(noises, powers, strict=True)
    binding = tuple(term.name for term, own in paired if compare.sign(own - least.exponent) == 0)
    beta, rate = family.exponent, sympy.expand(bias[0].exponent / _RATE)
    exponent = upright(sympy.factor(least.exponent * beta / (rate * beta + 1)), family.symbols(near))
    capped = compare.sign(beta - exponent) <= 0
    exponent = beta if capped else exponent
    words = "the bias meets the noise, as powers of T"
    steps = (*found.steps, Step(words, sympy.Eq(rate * _RATE, least.exponent - _RATE / beta, evaluate=False)))
    penalty, error = (None, None) if capped else _minimum(bias, least, rate, beta)
    at_best = [condition.subs(_RATE, exponent) for condition in found.conditions]
    open_ones = [one for one in at_best if one != sympy.false]  # false: at the cap itself
    regimes = tuple(one for one in found.regimes if isinstance(one, Logarithm) or not capped)
    return OptimalPenalty(
        family=family,
        exponent=exponent,
        error_exponent=rate * exponent,
        penalty=penalty,
        error=error,
        binding=binding,
        conditions=stated((*compare.conditions, *open_ones), family.ranges()),
        regimes=(*regimes, *((Ridgeless(),) if capped else ())),
        derivation=(*steps, *_last_steps(penalty, error)),
    )


def _varied(family: Demystified, near: Demystified) -> Terms:
    """The terms with the penalty's exponent as a letter, on the side of large penalties."""
    rows = family.generator_rows if family.generator_rows.is_number else near.generator_rows
    example = replace(near, penalty=_SMALL * sympy.Min(1, rows), penalty_scale=1)
    return terms_of(replace(family, penalty=_RATE, penalty_scale=1), example)


def _minimum(bias: list[LawTerm], noise: Order, rate: Any, beta: Any) -> tuple[Any, Any]:
    """The best penalty and its error, as expressions in T."""
    injected = noise.coefficient * ROWS ** (-noise.exponent)
    if all(term.log == 0 for term in bias):
        (own,) = bias
        ridge = (noise.coefficient / (rate * beta * own.constant)) ** (beta / (rate * beta + 1))
        ridge *= ROWS ** (-noise.exponent * beta / (rate * beta + 1))
        return ridge, (1 + rate * beta) * own.constant * sympy.powdenest(ridge**rate, force=True)  # all is positive
    first, constant = (term.constant for term in sorted(bias, key=lambda term: -term.log))
    slope = first / _RATE  # log(1/kappa) = ell log(T)
    shift, curve = 2 * constant - slope, 2 * slope / (2 + 1 / beta)
    branch = sympy.LambertW(-injected * sympy.exp(-shift / curve) / (beta * curve), -1)
    ridge = sympy.exp((shift / curve + branch) / (2 + 1 / beta))
    return ridge, ridge**2 * (slope * sympy.log(1 / ridge) + constant) + injected * ridge ** (-1 / beta)


def _last_steps(penalty: Any, error: Any) -> tuple[Step, ...]:
    if penalty is None:
        return (Step("no penalty below that of the ridgeless fit changes kappa", sympy.Symbol("kappa")),)
    return (Step("the derivative in kappa vanishes at the penalty", penalty), Step("where the error is", error))


def _numbers(expression: Any, rows: Any) -> Any:
    if expression is None or expression.free_symbols - {ROWS}:
        raise SpecificationError("family", expression, "numbers only, and a penalty above that of the ridgeless fit")
    many = checks.positive_numbers("rows", rows)
    values = [float(sympy.re(expression.subs(ROWS, sympy.Float(float(one), 30)).evalf(20))) for one in many.ravel()]
    return np.array(values).reshape(many.shape)
