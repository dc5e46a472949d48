r"""The error after g equal generations as a function of g, where all eigenvalues are equal.

The recursion of `one_eigenvalue` with its constants k, l = 1 - k, a, c has, from Q = 1 and P = U = 0, the solution

    Q_g = k^g,    P_g = 1 - k^g,    U_g = tau (a^g - k^(2g)) + c sigma^2 (1 - a^g)/(1 - a),

with g in the place of the quotient where a = 1. The error is E_g = Tr[P_g^2 tau + U_g].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import sympy

from ..chains.moments import ERROR
from ..problem import notation as x
from ..rules.one_step import OneStep
from ..rules.resolvent import EFFECTIVE_RIDGE
from ..rules.statement import latex
from ..rules.trace import Trace
from .one_eigenvalue import Recursion, recursion

GENERATION = sympy.Symbol("g", integer=True, positive=True)
RATIO, LOSS, GAIN = x.scalar("a"), x.scalar("b"), x.scalar("c")
SHORT = 3  # operations


@final
@dataclass(frozen=True, eq=False)
class GenerationsForm:
    r"""The error of a chain of equal generations with one eigenvalue.

    Attributes:
        definitions: ordered pairs (symbol, expression): the fit's own quantities; a, b = 1 - a and c where they are
            long.
        kept, lost, spread: Q_g, P_g and U_g of a direction.
        noise_free: the error that is due to the truth.
        noisy: the error that is due to label noise.
        limit: of the error for g to infinity.
        slope: what the error grows by in every generation, where it grows linearly; else zero.
        rate: logarithm of the factor from one generation to the next: of the distance to the limit where there is
            one (and a truth), of the error itself where it grows exponentially; zero where it grows linearly.
    """

    definitions: tuple[tuple[Any, Any], ...]
    kept: Any
    lost: Any
    spread: Any
    noise_free: Any
    noisy: Any
    limit: Any
    slope: Any
    rate: Any

    @property
    def error(self) -> Any:
        """E_g, with g the symbol `GENERATION`."""
        return self.noise_free + self.noisy

    def at(self, generations: int) -> Any:
        """The error after a number of generations.

        >>> from modelcollapse.theory.rules.least_squares import LEAST_SQUARES
        >>> closed_form_in_generations(LEAST_SQUARES).at(3)
        3*r*sigma**2/M
        """
        return self.error.subs(GENERATION, generations)

    def expanded(self, expression: Any) -> Any:
        """An expression with all definitions put in."""
        for symbol, value in reversed(self.definitions):
            expression = expression.subs(symbol, value)
        return expression

    def latex(self) -> str:
        """Displayed LaTeX: definitions, state, error, and what becomes of it."""
        lines = [f"{latex(symbol)} &= {latex(value)}" for symbol, value in self.definitions]
        state = (("Q_g", self.kept), ("P_g", self.lost), ("U_g", self.spread), ("E_g", self.error))
        lines += [f"{name} &= {latex(value)}" for name, value in state]
        lines.append(rf"E_\infty &= {latex(self.limit)}")
        if self.slope == 0:
            lines.append(rf"\mathrm{{rate}} &= {latex(self.rate)}")
        else:
            lines.append(rf"E_{{g+1}} - E_g &= {latex(self.slope)}")
        return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex()}\n$$"


def closed_form_in_generations(rule: OneStep) -> GenerationsForm:
    """A chain of equal generations under a one-step rule, in closed form.

    Args:
        rule: whose forward form is taken at one eigenvalue; every generation labels fresh rows for the next.

    Raises:
        SpecificationError: for a rule that does not keep what it does not lose.

    >>> from modelcollapse.theory.rules.least_squares import LEAST_SQUARES
    >>> from modelcollapse.theory.rules.random_subspace import RANDOM_SUBSPACE
    >>> from modelcollapse.theory.rules.resolvent import RESOLVENT
    >>> form = closed_form_in_generations(LEAST_SQUARES)
    >>> form.error, form.limit, form.slope
    (g*r*sigma**2/M, oo, r*sigma**2/M)
    >>> form = closed_form_in_generations(RANDOM_SUBSPACE)
    >>> form.noise_free, form.rate
    ((1 - (n/r)**g)*tr[tau], log(n/r))
    >>> form = closed_form_in_generations(RESOLVENT)
    >>> form.noise_free
    (-q**(2*g) + a**g + (1 - q**g)**2)*tr[tau]
    >>> form.noisy
    q**2*r*sigma**2*(1 - a**g)/(D^(2)*b)
    >>> form.limit, form.rate
    (q**2*r*sigma**2/(D^(2)*b) + tr[tau], log(q))
    """
    made = recursion(rule)
    named, definitions = _named(made)
    g = GENERATION
    kept = made.kept**g
    lost = 1 - kept
    fluctuating = named.ratio**g - made.kept ** (2 * g)
    noisy = named.noise * x.noise**2 * (g if made.ratio == 1 else (1 - named.ratio**g) / named.loss)
    if named.ratio == made.kept:
        power = sympy.Dummy()
        truth = sympy.expand(_error(1 - power, power - power**2, 0)[0]).xreplace({power: kept})
    else:
        truth = _error(lost, fluctuating, 0)[0]
    limit, rate = _future(made, named)
    return GenerationsForm(
        definitions=definitions,
        kept=kept,
        lost=lost,
        spread=fluctuating * x.tau + noisy,
        noise_free=truth * Trace(x.tau),
        noisy=_error(lost, 0, noisy)[1],
        limit=limit,
        slope=x.rank * named.noise * x.noise**2 if made.ratio == 1 else sympy.S.Zero,
        rate=rate,
    )


def _error(lost: Any, truth: Any, noise: Any) -> tuple[Any, Any]:
    """The two parts of the error, from the lost share and the two parts of the spread, that of the truth over tau."""
    whole = sympy.expand(ERROR.result.replace(Trace, lambda argument: x.rank * argument))
    by_truth, by_spread = whole.coeff(x.tau), whole.coeff(x.spread)
    return by_truth.subs(x.lost, lost) / x.rank + by_spread / x.rank * truth, by_spread * noise


def _named(made: Recursion) -> tuple[Recursion, tuple[tuple[Any, Any], ...]]:
    """The constants with letters for those that are long, and the definitions."""
    definitions = list(made.definitions)
    ridge = {x.kappa} & {symbol for _, value in definitions for symbol in value.free_symbols}
    if ridge:
        definitions.insert(0, (x.kappa, _effective_ridge()))
    own = made._asdict()
    if sympy.count_ops(made.ratio) > SHORT:
        definitions += [(RATIO, made.ratio), (LOSS, made.loss)]
        own |= {"ratio": RATIO, "loss": LOSS}
    if sympy.count_ops(made.noise) > SHORT:
        definitions.append((GAIN, made.noise))
        own["noise"] = GAIN
    return Recursion(**own), tuple(definitions)


def _future(made: Recursion, named: Recursion) -> tuple[Any, Any]:
    """The limit, and the rate."""
    truth = Trace(x.tau) if made.kept != 1 else sympy.S.Zero
    if made.ratio == 1:
        return sympy.oo, sympy.S.Zero
    settled = truth + x.rank * named.noise * x.noise**2 / named.loss
    slowest = made.kept if made.behind else sympy.Max(named.ratio, made.kept)
    if made.shrinking:
        return settled, sympy.log(slowest)
    return sympy.Piecewise((settled, named.ratio < 1), (sympy.oo, True)), sympy.log(slowest)


def _effective_ridge() -> Any:
    """kappa for one eigenvalue: the positive root of a quadratic equation."""
    kept = dict(EFFECTIVE_RIDGE.definitions)[x.q]
    rows = EFFECTIVE_RIDGE.result.replace(Trace, lambda argument: x.rank * argument.subs(x.q, kept))
    roots = sympy.solve(sympy.together(rows - x.rows), x.kappa)
    return next(root for root in roots if root.subs(dict.fromkeys(root.free_symbols, 1)) > 0)
