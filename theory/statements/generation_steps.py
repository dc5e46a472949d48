r"""Independent generations as displayed equations: derived rules, applied generation by generation.

Everything is in units of the error: where the error counts a direction u times, U is u times the covariance of a model,
and B the weight of a direction relative to u. Models are written w_g = sum_a R_a a + fluctuation, with Q for the share
of the truth and P = 1 - Q for what is lost of it, as in theory/algebra/stage.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, groupby
from typing import Any, final

import sympy

from ..algebra.expression import Deterministic, Role, Source
from ..algebra.polynomial import Polynomial
from ..algebra.reduction.reduced import PositiveBlock
from ..algebra.stage import LOST, SPREAD, WEIGHT
from ..problem import notation as x
from ..rules.bibliography import BY_DEFINITION, Reference
from ..rules.fits import Fit
from ..rules.trace import Trace, split
from ..rules.units import Units
from .expressed import TEST_ERROR_OF_INDEPENDENT_GENERATIONS
from .expression_latex import expression_latex
from .theorem import ProofStep

HYPOTHESES = TEST_ERROR_OF_INDEPENDENT_GENERATIONS.hypotheses
SOURCE = Reference((), "derived in theory/algebra/stage.py")
RIDGES, MEAN, SPREADS, WEIGHTS = (
    "effective ridges and margins of a fit",
    "mean of a fit",
    "covariance of a fit",
    "weight of the model before a fit",
)
TAU = (x.tau, x.s * x.spectral("theta"))  # its definition
Lines = tuple[tuple[Any, Any], ...]


@final
@dataclass(frozen=True)
class _Run:
    """Consecutive generations under one rule with the same letters.

    Attributes:
        first, last: their numbers.
        fits: the fits themselves.
        names: shown symbols for those of the rule, the state of the models apart.
    """

    first: int
    last: int
    fits: tuple[Fit, ...]
    names: Mapping[Any, Any]

    @property
    def index(self) -> tuple[Any, Any]:
        """What stands for the number of a generation, and of the one before."""
        return (self.first, self.first - 1) if self.first == self.last else ("g", "g-1")


@final
class Generations:
    """Independent generations in SymPy.

    Args:
        fits: the generations.
        vectors: the truth and all offsets.
        metric: of the error, a function of the eigendirection.
    """

    def __init__(self, fits: Sequence[Fit], vectors: Sequence[Source], metric: Deterministic) -> None:
        self.fits = tuple(fits)
        self.vectors = {one.name: one for one in vectors}
        (self.truth,) = (one.name for one in vectors if one.role is Role.TRUTH)
        self._spectral = {letter for fit in self.fits for letter in fit.rule.program.spectral}
        self._spectral.update(metric.spectral, *(one.spectral for one in vectors))
        self._given = frozenset(letter for fit in self.fits for letter in fit.names) | self._spectral
        self._taken = {*self._given, x.tau.name}
        self._metric = metric.value.to_sympy(self._letter)
        self._units = Units(self._metric if self._metric.is_Symbol else sympy.S.One)
        self._runs = self._runs_of(self.fits)

    def forward(self) -> tuple[tuple[ProofStep, ...], Lines, Any]:
        """Steps for every run of generations, their lines for every single generation, and the error of the last."""
        steps = [self._start(self._state(x.spread, 0))]
        lines: list[tuple[Any, Any]] = [*steps[0].after]
        for run in self._runs:
            steps += self._own_steps(run)
            steps.append(self._step(run, SPREADS, r"\operatorname{Cov}\,w", self._spread))
            lines += self._equations(run)
            for g in range(run.first, run.last + 1):
                lines += [*self._means(run, g, g - 1), *self._spread(run, g, g - 1)]
        last = len(self.fits)
        error = sympy.Add(*self._squares(last).values(), Trace(self._times_metric(self._state(x.spread, last))))
        return tuple(steps), tuple(lines), error

    def backward(self) -> tuple[tuple[ProofStep, ...], Lines, dict[str, Any]]:
        """Steps that carry the weight of the error back, their lines, and all parts of the last generation's error.

        Parts are named by a vector, two vectors (the product of their means) or a noise.
        """
        steps = [self._start()]
        lines: list[tuple[Any, Any]] = [*steps[0].after]
        for run in self._runs:
            steps += self._own_steps(run)
            lines += self._equations(run)
            lines += (line for g in range(run.first, run.last + 1) for line in self._means(run, g, g - 1))
        last = len(self.fits)
        begin = ((self._state(x.weight, last), self._times_metric(sympy.S.One)),)
        error = r"\mathbb{E}\,|w - w_0|^2"
        steps.append(ProofStep("weight of the error", (last, last), error, begin, (), BY_DEFINITION))
        lines += begin
        for run in reversed(self._runs):
            if run.last > 1:
                steps.append(self._step(run, WEIGHTS, r"\mathbb{E}\,|w|_B^2", self._weight))
            for g in range(run.last, max(run.first, 2) - 1, -1):
                lines += self._weight(run, g, g - 1)
        parts = self._squares(last)
        for run in self._runs:
            for g, fit in enumerate(run.fits, start=run.first):
                for name, added in fit.rule.added.items():
                    value = self._shown(run, self._units.functional(added, fit.rule), g, g - 1)
                    part = self.part(name, fit)
                    parts[part] = parts.get(part, sympy.S.Zero) + value
        return tuple(steps), tuple(lines), parts

    @property
    def blocks(self) -> tuple[PositiveBlock, ...]:
        """The nonlinear blocks of all runs."""
        return tuple(block.renamed(run.names) for run in self._runs for block in run.fits[0].rule.reduced.blocks)

    def part(self, name: str, fit: Fit) -> str:
        """The part of the error that something added by a rule belongs to."""
        noise = fit.noise(name)
        if noise is not None:
            return noise
        return self.pair(*name.split(" ")) if " " in name else name

    def pair(self, first: str, second: str) -> str:
        """The name of the product of two means."""
        return " ".join(one for one in self.vectors if one in (first, second))

    def _letter(self, name: str) -> Any:
        return x.spectral(name) if name in self._spectral else x.scalar(name)

    def _times_metric(self, value: Any) -> Any:
        return value * self._metric / self._units.eigenvalue

    # Runs, and the names of what belongs to a fit.

    def _runs_of(self, fits: Sequence[Fit]) -> tuple[_Run, ...]:
        numbered = enumerate(fits, start=1)
        groups = [list(group) for _, group in groupby(numbered, key=lambda pair: _same(pair[1]))]
        runs = []
        for group in groups:
            first, last = group[0][0], group[-1][0]
            names = self._names(group[0][1], None if len(groups) == 1 else first)
            runs.append(_Run(first, last, tuple(fit for _, fit in group), names))
        return tuple(runs)

    def _names(self, fit: Fit, index: int | None) -> dict[Any, Any]:
        """Letters of the fit for those of the rule; kappas, margins and shrinkage factors with the fit's index."""
        names = {x.scalar(known): x.scalar(letter) for letter, known in fit.names.items()}
        for symbol in fit.rule.solved:
            name = symbol.name
            if name.startswith("D_"):
                size, comma, number = name.removeprefix("D_").partition(",")  # a number where a letter has two sizes
                name = f"D_{fit.letters.get(size, size)}{comma}{number}"
                name = f"{name},{index}" if name in self._taken and index is not None else name
            elif index is not None:
                name = x.at(symbol, index).name
            name = self._free(name)
            names[symbol] = type(symbol)(name, **symbol.assumptions0)
        return names

    def _free(self, name: str) -> str:
        """The name, with primes where something else has it."""
        while name in self._taken:
            name += "'"
        self._taken.add(name)
        return name

    def _state(self, symbol: Any, g: Any) -> Any:
        """P, Q, U or B after generation g, with a prime where letters of the user look like one of them."""
        name = symbol.name
        while any(letter.startswith(f"{name}_") for letter in self._given):
            name += "'"
        return x.at(type(symbol)(name, **symbol.assumptions0), g)

    # Lines of one generation, g an index or a number.

    def _equations(self, run: _Run) -> Lines:
        """Effective ridges, margins and shrinkage factors."""
        reduced = run.fits[0].rule.reduced
        equations = [(one.lhs, one.rhs) for block in reduced.blocks for one in block.equations]
        pairs = [*equations, *reduced.definitions]  # rows of one's own have no relations between blocks
        return tuple((left.xreplace(run.names), right.xreplace(run.names)) for left, right in pairs)

    def _means(self, run: _Run, g: Any, before: Any) -> Lines:
        rule = run.fits[0].rule
        lost = self._shown(run, rule.lost, g, before)
        carried = self._shown(run, rule.carried, g, before)
        lines = [(self._state(x.lost, g), lost + carried * self._state(x.lost, before))]
        for name in self.vectors:
            mean = rule.means.get(name, sympy.S.Zero)
            if mean != 0 or name in run.fits[0].shares:
                lines.append((self._share(name, g), self._shown(run, mean, g, before)))
        return tuple(lines)

    def _spread(self, run: _Run, g: Any, before: Any) -> Lines:
        rule = run.fits[0].rule
        parts = [self._units.covariance(rule.inherited, rule)]
        parts += [self._units.covariance(spread, rule) for spread in rule.spreads.values()]
        return ((self._state(x.spread, g), sympy.Add(*(self._shown(run, part, g, before) for part in parts))),)

    def _weight(self, run: _Run, g: Any, before: Any) -> Lines:
        rule = run.fits[0].rule
        value = self._units.weight(rule.weight_before, rule)
        return ((self._state(x.weight, before), self._shown(run, value, g, before)),)

    def _shown(self, run: _Run, expression: Any, g: Any, before: Any) -> Any:
        state = {x.spectral(letter): self._share(name, before) for name, letter in run.fits[0].shares.items()}
        state |= {x.spectral(LOST): self._state(x.lost, before), x.spectral(SPREAD): self._state(x.spread, before)}
        state[x.spectral(WEIGHT)] = self._state(x.weight, g)
        return by_monomial(expression).xreplace({**run.names, **state})

    def _share(self, name: str, g: Any) -> Any:
        return self._state(x.kept if name == self.truth else x.spectral(f"R^{name}"), g)

    def _squares(self, last: int) -> dict[str, Any]:
        """The square of the mean error -P w_0 + sum R_a a, by vectors and pairs of them."""
        errors = {name: self._share(name, last) for name in self.vectors} | {self.truth: -self._state(x.lost, last)}
        used = {name for fit in self.fits for name in (*fit.rule.means, *fit.shares)}
        parts = {}
        for name, source in self.vectors.items():
            second = self._letters(source.second) * self._metric
            if name == self.truth and self._metric == x.s and second == TAU[1]:
                second = x.tau
            if name in used:
                parts[name] = Trace(errors[name] ** 2 * second)
        for first, other in combinations([name for name in self.vectors if self.vectors[name].mean], 2):
            if {first, other} <= used:
                means = [self._letter(str(self.vectors[name].mean)) for name in (first, other)]
                product = errors[first] * errors[other] * means[0] * means[1] * self._metric
                sign, inside = product.as_coeff_Mul()
                parts[self.pair(first, other)] = 2 * sign * Trace(inside)
        return parts

    def _letters(self, polynomial: Polynomial) -> Any:
        return polynomial.to_sympy(self._letter)

    # Steps.

    def _start(self, *vanishing: Any) -> ProofStep:
        lines = [(symbol, sympy.S.Zero) for symbol in (self._state(x.lost, 0), *vanishing)]
        lines += [(self._share(name, 0), sympy.S.One) for name in self.fits[0].shares]
        results = [result for fit in self.fits for result in fit.rule.reduced.results.values()]
        if any(value.has(x.tau) for value in (*results, *self._squares(0).values())):
            lines.append(TAU)
        return ProofStep("model 0 is the truth", (1, 1), "w_0", tuple(lines), (), BY_DEFINITION)

    def _own_steps(self, run: _Run) -> list[ProofStep]:
        fit = run.fits[0]
        before = expression_latex(fit.model, fit.before, rf"w_{{{run.first - 1}}}" if run.first > 1 else "w_0")
        span = (run.first, run.last)
        own = ProofStep(RIDGES, span, before, self._equations(run), HYPOTHESES, SOURCE)
        return [own, self._step(run, MEAN, r"\mathbb{E}\,w", self._means)]

    def _step(self, run: _Run, rule: str, before: str, lines: Callable[[_Run, Any, Any], Lines]) -> ProofStep:
        first = max(run.first, 2) if rule == WEIGHTS else run.first
        own = _Run(first, run.last, run.fits, run.names)
        index, earlier = own.index
        shown = before.replace("w", f"w_{{{index}}}", 1)
        return ProofStep(rule, (first, run.last), shown, lines(run, index, earlier), HYPOTHESES, SOURCE)


def by_monomial(expression: Any) -> Any:
    """A function of the eigendirection, a fraction of traces for each of its monomials.

    >>> from modelcollapse.theory.problem import notation as n
    >>> total = n.margin_1 + Trace(n.p * n.q)
    >>> by_monomial((n.q**2 * n.margin_1 + n.q**2 * Trace(n.p * n.q) + n.p**2 * Trace(n.q)) / total)
    p**2*tr[q]/(D^(1) + tr[p*q]) + q**2
    """
    above, below = expression.as_numer_denom()
    found: dict[Any, Any] = {}
    for term in sympy.Add.make_args(sympy.expand(above)):
        number, function = split(term)
        found[function] = found.get(function, sympy.S.Zero) + number
    return sympy.Add(*(function * (sympy.factor_terms(number) / below) for function, number in found.items()))


def _same(fit: Fit) -> tuple[Any, ...]:
    return id(fit.rule), tuple(sorted(fit.names.items())), tuple(fit.shares.items())
