"""The derivation of a chain on verified rows: what the verifier keeps, then the fit, generation by generation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, final

import sympy

from ..chains.hypotheses import require
from ..chains.selected import Judged, Selected, SelectedStep
from ..problem import checks
from ..problem import notation as x
from ..rules import selected_fit as fit
from ..rules import selection as rules
from ..rules.bibliography import BY_DEFINITION
from ..rules.gaussian import Z
from ..rules.kind import Kind
from ..rules.least_squares import LEAST_SQUARES
from ..rules.resolvent import EFFECTIVE_RIDGE, RESOLVENT
from ..rules.statement import Statement
from ..rules.trace import Trace
from .theorem import ProofStep

Lines = list[tuple[Any, Any]]
_STATE = {fit.EE: fit.EE, fit.ET: fit.EY, fit.EB: fit.EY}


@final
@dataclass(frozen=True, eq=False)
class VerifiedSteps:
    """The steps, equations and values of a chain on rows that one verifier judges."""

    reading: Selected

    def __post_init__(self) -> None:
        verifiers = {step.verifier for step in self.reading.steps if step.verifier}
        require(len(verifiers) <= 1, "one verifier judges all generations", "predict(chain)")

    def steps(self) -> list[ProofStep]:
        """The start, then every run of equal generations."""
        proof = [ProofStep("model 0", (1, 1), "w_0 + e_0", tuple(self._start()), (), BY_DEFINITION)]
        numbered = list(enumerate(self.reading.steps, start=1))
        for _, group in groupby(numbered, key=lambda item: replace(item[1], kind=Kind.EQUIVALENT)):
            run = list(group)
            first, last, step = run[0][0], run[-1][0], run[0][1]
            index, before = (first, first - 1) if first == last else ("g", "g-1")
            proof += [
                ProofStep(statement.name, (first, last), shown, tuple(lines), statement.hypotheses, statement.source)
                for statement, shown, lines in self._parts(step, index, before)
            ]
        return proof

    def definitions(self) -> tuple[tuple[Any, Any], ...]:
        """The straight-line program of all generations."""
        lines = self._start()
        for number, step in enumerate(self.reading.steps, start=1):
            lines += [line for _, _, part in self._parts(step, number, number - 1) for line in part]
        return tuple(lines)

    def values(self) -> Lines:
        """The numbers of every generation."""
        return [
            (x.at(letter, number), value)
            for number, step in enumerate(self.reading.steps, start=1)
            for letter, value in _numbers(step)
        ]

    @property
    def result(self) -> Any:
        """The error of the last generation."""
        return Trace(x.at(fit.EE, len(self.reading.steps)))

    def _start(self) -> Lines:
        """The products of the error of model 0."""
        if not self.reading.has_initial:
            return [(x.at(symbol, 0), sympy.S.Zero) for symbol in _STATE]
        return [
            (x.at(fit.EE, 0), x.spectral("aa")),
            (x.at(fit.ET, 0), x.Spectral("at", real=True)),
            (x.at(fit.EB, 0), x.Spectral("ab", real=True)),
        ]

    def _parts(self, step: SelectedStep, index: Any, before: Any) -> list[tuple[Statement, str, Lines]]:
        judged = step.judged
        labels = [*fit.U_FROM_BEFORE, (rules.DISTANCE, Trace(fit.UU))]
        parts = [(fit.SELECTED_FIT, r"u_g = \theta e_{g-1} - b", labels)]
        parts.append((rules.WINDOW if judged is None else judged.rule, r"x \mid \text{kept}", _judgement(judged)))
        parts.append((fit.ROWS_OF_THE_FIT, r"n_g", [(x.rows, fit.ROWS_OF_THE_FIT.result)]))
        if step.least_squares:
            margin = [(x.margin_2, fit.LEAST_SQUARES_MARGIN)]
            parts.append((LEAST_SQUARES.noise, r"\mathbb{E}\,(X_g^\top X_g)^{-1}", margin))
        else:
            equation = (x.rows, EFFECTIVE_RIDGE.result)
            own = [*RESOLVENT.noise.definitions[:2], equation, *RESOLVENT.noise.definitions[2:]]
            parts.append((EFFECTIVE_RIDGE, r"\lambda (\widehat\Sigma_g + \lambda)^{-1}", own))
        parts.append((fit.SELECTED_FIT, r"w_g", list(fit.SELECTED_FIT.definitions[1:])))
        parts.append((fit.PRODUCT_WITH_A_FIXED_VECTOR, r"\mathbb{E}\,e_g e_g^\top", _after()))
        known = _trivial(step)
        shown = [
            (statement, what, _indexed(_simplified(lines, known), index, before)) for statement, what, lines in parts
        ]
        return [part for part in shown if part[2]]


def _after() -> Lines:
    """The products of the new error with itself, the truth and the verifier's offset."""
    along = fit.PRODUCT_WITH_A_FIXED_VECTOR.result
    truth = along.subs({fit.BY: fit.TB, fit.EY: fit.ET, fit.TY: fit.TT}, simultaneous=True)
    offset = along.subs({fit.BY: fit.BB, fit.EY: fit.EB, fit.TY: fit.TB}, simultaneous=True)
    return [(_NEW[fit.EE], fit.SELECTED_FIT.result), (_NEW[fit.ET], truth), (_NEW[fit.EB], offset)]


def _trivial(step: SelectedStep) -> dict[Any, Any]:
    """What is known beforehand: no verifier, no real rows, no shrinkage, a verifier that does not err."""
    known: dict[Any, Any] = (
        {} if step.judged is not None else dict.fromkeys((fit.BB, fit.EB, fit.TB, _NEW[fit.EB]), sympy.S.Zero)
    )
    if checks.same(step.real_rows, 0):
        known |= {fit.REAL_ROWS: sympy.S.Zero, fit.REAL: sympy.S.Zero, fit.SYNTHETIC: sympy.S.One}
    if step.least_squares:
        known |= {x.q: sympy.S.One, x.p: sympy.S.Zero}
    if checks.same(step.share, 1.0):
        known[x.share] = sympy.S.One
    errors = (rules.FALSE_KEEP, rules.FALSE_DROP)
    numbers = () if step.judged is None else step.judged.numbers
    return known | {letter: sympy.S.Zero for letter, value in numbers if letter in errors and checks.same(value, 0.0)}


def _simplified(lines: Lines, known: dict[Any, Any]) -> Lines:
    """The lines with what is known put in; lines that say nothing more are left out and remembered."""
    kept: Lines = []
    for symbol, value in lines:
        if symbol in known:
            continue
        value = value.subs(known)
        if value.is_number or value.is_Symbol or (symbol == fit.DEFORMATION and fit.REAL in known):
            known[symbol] = value
        else:
            kept.append((symbol, value))
    return kept


_NEW = {symbol: x.Spectral(f"new{symbol.name}", real=True) for symbol in _STATE}
_KEEP_ALL: Lines = [
    (rules.KEPT, sympy.S.One),
    (rules.ALONG, sympy.S.One),
    (rules.GAIN, sympy.S.One),
    (rules.NOISE, x.noise_squared),
]
_FIXED = {x.s, x.rank, fit.TT, fit.TB, fit.BB, Z}


def _judgement(judged: Judged | None) -> Lines:
    return _KEEP_ALL if judged is None else list(judged.rule.definitions)


def _indexed(lines: Lines, index: Any, before: Any) -> Lines:
    """The letters of a generation with its index, those of the state with that of the generation before."""
    letters = {s for symbol, value in lines for s in (symbol, *value.free_symbols)} - _FIXED
    names = {symbol: x.at(symbol, index) for symbol in letters}
    names |= {symbol: x.at(symbol, before) for symbol in _STATE}
    names |= {new: x.at(symbol, index) for symbol, new in _NEW.items()}
    return [(names.get(symbol, symbol), value.subs(names, simultaneous=True)) for symbol, value in lines]


def _numbers(step: SelectedStep) -> Lines:
    """The letters of a generation that are given."""
    values: Lines = [(fit.GENERATED, step.rows), (x.share, step.share), (x.noise_squared, step.noise_squared)]
    if not checks.same(step.real_rows, 0):
        values += [(fit.REAL_ROWS, step.real_rows), (fit.REAL_NOISE, step.real_noise_squared)]
    values += [] if step.least_squares else [(x.penalty, step.penalty)]
    values += [] if step.judged is None else list(step.judged.numbers)
    return [(letter, value) for letter, value in values if letter not in _trivial(step)]
