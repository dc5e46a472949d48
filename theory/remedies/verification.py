"""When a verifier helps: the chain with it, the chain without it, and the conditions of one round."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, final

import jax
import numpy as np
import sympy
from scipy.optimize import minimize_scalar

from ..chains.family import reading_of
from ..chains.hypotheses import require
from ..chains.selected import Selected
from ..evaluation.inputs import grouped_spectra
from ..evaluation.numbers_only import refuse_symbols
from ..evaluation.outcome import offsets_in
from ..evaluation.prediction import predict
from ..evaluation.selected import Verified, verified
from ..problem import checks
from ..problem import notation as x
from ..problem.chain import Chain
from ..problem.errors import NoTheorem, NothingKept, SpecificationError
from ..problem.selection import KEEP_ALL, Selection
from ..results.chains import chain_record
from ..results.labelled import LABEL_UNITS, RATIO, Column, Labelled
from ..results.plain import plain
from ..results.tabled import Tabled
from ..rules.bibliography import cite
from ..rules.selection import DISTANCE, GAIN, KEPT, RAW
from ..statements.verification import LARGEST_DISAGREEMENT, STATEMENTS, WORST_VERIFIER


class Condition(NamedTuple):
    """A condition of one round, evaluated.

    Attributes:
        name: of the statement behind it.
        value: what must stay below `limit`.
        limit: largest value at which the verifier helps in this sense.
    """

    name: str
    value: float
    limit: float

    @property
    def holds(self) -> bool:
        """Whether it does."""
        return self.value < self.limit


@final
@dataclass(frozen=True, eq=False, repr=False)
class VerifierStudy(Tabled):
    """What a verifier does to a chain, generation by generation.

    Attributes:
        chain: with its verifier.
        error: excess error after each generation, shape (N,).
        without: the same without the verifier, all rows kept, shape (N,).
        start: the excess error of model 0.
        limit: the error after infinitely many generations like the last one, NaN where it does not settle.
        seen: disagreement, share kept, contraction, accepted noise and rows of each generation.
        conditions: of the first round, where statements give them.
    """

    chain: Chain
    error: Any
    without: Any
    start: float
    limit: float
    seen: Verified
    conditions: tuple[Condition, ...]

    @property
    def helps(self) -> Any:
        """(N,) whether the model is better than without the verifier."""
        return self.error < self.without

    @property
    def improves(self) -> Any:
        """(N,) whether the model is better than model 0."""
        return self.error < self.start

    @property
    def best_generation(self) -> int:
        """Where to stop: the generation with the least error, 0 for model 0."""
        return int(np.argmin([self.start, *self.error.tolist()]))

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain numbers, strings and lists."""
        return {
            "result": "VerifierStudy",
            **chain_record(self.chain),
            "error": plain(self.error),
            "without": plain(self.without),
            "start": plain(self.start),
            "limit": plain(self.limit),
            **{name: plain(value) for name, value in self.seen._asdict().items()},
            "best_generation": self.best_generation,
            "conditions": [[one.name, plain(one.value), plain(one.limit), one.holds] for one in self.conditions],
        }

    def labelled(self) -> Labelled:
        """One row for each generation."""
        units = {"disagreement": LABEL_UNITS, "kept": RATIO, "contraction": RATIO, "noise": LABEL_UNITS, "rows": "rows"}
        columns = {name: Column(getattr(self.seen, name), unit) for name, unit in units.items()}
        errors = {"error": Column(self.error, LABEL_UNITS), "without": Column(self.without, LABEL_UNITS)}
        about = {"start": self.start, "limit": self.limit, "best_generation": self.best_generation}
        return Labelled({"generation": range(1, len(self.chain) + 1)}, {**errors, **columns}, about)

    def cite(self) -> str:
        """BibTeX of the software and of the papers behind the statements."""
        return cite([statement.source for statement in STATEMENTS])

    _head = ("generation", "error", "without", "kept", "contraction", "rows", "helps")
    _details_title = "conditions"

    def _rows(self) -> list[tuple[str, ...]]:
        columns = self.error, self.without, self.seen.kept, self.seen.contraction, self.seen.rows
        return [
            (str(g), *(f"{value:.5g}" for value in values), "yes" if values[0] < values[1] else "no")
            for g, values in enumerate(zip(*(np.asarray(one).tolist() for one in columns), strict=True), start=1)
        ]

    def _notes(self) -> list[str]:
        told = [f"model 0 has the error {self.start:.5g}, the limit is {self.limit:.5g}"]
        told.append(f"the least error is that of generation {self.best_generation}")
        verdicts = [f"{'below' if one.holds else 'not below'} {one.limit:.4g}" for one in self.conditions]
        named = zip(self.conditions, verdicts, strict=True)
        return told + [f"{one.name}: {one.value:.4g}, {verdict}" for one, verdict in named]


def when_does_it_help(chain: Chain) -> VerifierStudy:
    """Whether a chain's verifier helps: against the same chain with all rows kept, against model 0, and in the limit.

    The conditions of the first round: with infinitely many rows a verifier of error |b|^2 improves on a labeller of
    error |a|^2, a orthogonal to b, as long as
    $$ |b|^2/|a|^2 < (1 + c)/(1 - c); $$
    with few directions it lowers the variance at the same number of generated rows, too, as long as
    $$ U/v < (k - a)/(a (1 - k)) $$
    (a the raw second moment of a symmetric window, k the share that it keeps).

    Args:
        chain: numbers only; some generation has a verifier.

    Returns:
        A `VerifierStudy`.

    Raises:
        NoTheorem: where no statement covers the chain, with the verifier or without it, or where it has none.
        NothingKept: where no row is left.

    Source: theory/statements/verification.py.

    >>> from modelcollapse.theory.problem import *
    >>> a, b = [1.0] + 99 * [0.0], [0.0, 0.3] + 98 * [0.0]
    >>> start = replace(Population(Isotropic(100), UniformTarget()), 1, rows=10**9, noise=1.0, estimator=MinimumNorm())
    >>> chain = verify(Chain(start.population, start.generations, Coefficients(a)), TopShare(Coefficients(b), 0.5))
    >>> study = when_does_it_help(chain)
    >>> c = study.seen.contraction[0]
    >>> round(float(study.error[0] - ((1 - c) ** 2 * 0.09 + c**2)), 6), study.conditions[0].holds
    (0.0, True)
    """
    refuse_symbols(chain)
    reading = reading_of(chain)
    judged = isinstance(reading, Selected) and any(step.judged for step in reading.steps)
    require(judged, "a verifier judges some rows", "predict(chain)")
    assert isinstance(reading, Selected)
    prediction, without = predict(chain), predict(_unverified(chain))
    population = chain.population
    with jax.enable_x64(True):
        spectra = grouped_spectra(population, offsets_in(reading))
        seen = Verified(*(np.asarray(part) for part in verified(chain, reading, spectra)))
    errors = np.einsum("iik->i", np.asarray(spectra.products))
    start = float(errors[1]) if reading.has_initial else 0.0
    place = reading.steps[0].verifier
    conditions = _conditions(reading, seen, start, float(errors[place]) if place else 0.0)
    return VerifierStudy(chain, prediction.error, without.error, start, _limit(chain), seen, conditions)


def expected_kept(chain: Chain) -> Any:
    """Expected number of rows that enter the fit of each generation, real ones included, shape (N,).

    Raises:
        NoTheorem: where no statement covers the chain.

    >>> from modelcollapse.theory.problem import *
    >>> chain = replace(Population(Isotropic(4), UniformTarget()), generations=2, rows=40, noise=0.5)
    >>> expected_kept(verify(chain, TopShare(Coefficients([0.0, 0.0, 0.0, 0.1]), 0.25)))
    array([10., 10.])
    """
    refuse_symbols(chain)
    reading = reading_of(chain)
    if not isinstance(reading, Selected):
        return np.array(chain.rows, dtype=float)
    return np.asarray(seen_by_the_verifier(chain, reading).rows)


def seen_by_the_verifier(chain: Chain, reading: Selected) -> Verified:
    """What the verifier does in each generation.

    Args:
        chain: numbers only.
        reading: of the chain.
    """
    with jax.enable_x64(True):
        return verified(chain, reading, grouped_spectra(chain.population, offsets_in(reading)))


def best_strictness(
    chain: Chain, family: Callable[[float], Selection], bounds: tuple[float, float], generation: int = -1
) -> float:
    """The parameter of a family of selections that leaves the least error at the chain's own budget of generated rows.

    Args:
        chain: what is verified, every generation by the same selection.
        family: parameter -> selection, such as `lambda share: TopShare(verifier, share)`.
        bounds: range of the parameter, lower < upper; values that leave too few rows count as infinite errors.
        generation: whose error, 1..N, or -1 for the last.

    Raises:
        NoTheorem: where no value of the parameter leaves enough rows.
        SpecificationError: for bounds that are none.
    """
    lower, upper = (checks.real("bounds", bound) for bound in bounds)
    if not lower < upper:
        raise SpecificationError("bounds", bounds, "two numbers, the lower first")
    position = generation - 1 if generation > 0 else generation

    def error(parameter: float) -> float:
        selection = family(float(parameter))
        steps = tuple(replace(step, selection=selection) for step in chain.generations)
        try:
            return float(predict(Chain(chain.population, steps, chain.initial)).error[position])
        except (NothingKept, NoTheorem):
            return np.inf

    points = np.linspace(lower, upper, 33)  # brackets the minimum, as errors may be infinite at the ends
    errors = [error(point) for point in points]
    least = int(np.argmin(errors))
    require(bool(np.isfinite(errors[least])), "enough rows are left for some value of the parameter", "more rows")
    ends = points[max(least - 1, 0)], points[min(least + 1, len(points) - 1)]
    found = minimize_scalar(error, bounds=ends, method="bounded", options={"xatol": 1e-6 * (upper - lower)})
    return float(found.x if found.fun <= errors[least] else points[least])


def _unverified(chain: Chain) -> Chain:
    steps = tuple(replace(step, selection=KEEP_ALL) for step in chain.generations)
    return Chain(chain.population, steps, chain.initial)


def _limit(chain: Chain) -> float:
    try:
        return float(predict(chain).limit)
    except NoTheorem:
        return float("nan")


def _conditions(reading: Selected, seen: Verified, labeller: float, verifier: float) -> tuple[Condition, ...]:
    """Those of the first round, for rules of the residual alone and a first generation of judged rows only."""
    first = reading.steps[0]
    if first.judged is None or first.real_rows or RAW not in dict(first.judged.rule.definitions):
        return ()
    gain, kept, distance = (float(part[0]) for part in (seen.contraction, seen.kept, seen.disagreement))
    found = []
    if labeller > 0 and gain < 1:
        limit = WORST_VERIFIER.result.subs(GAIN, gain)
        found.append(Condition(WORST_VERIFIER.name, verifier / labeller, float(limit)))
    noise = float(first.noise_squared)
    if noise > 0 and kept < 1 and gain < 1:
        (of_gain,) = sympy.solve(dict(first.judged.rule.definitions)[GAIN] - GAIN, RAW)
        raw = float(of_gain.subs({GAIN: gain, x.noise_squared: noise, DISTANCE: distance}))
        limit = LARGEST_DISAGREEMENT.result.subs({KEPT: kept, RAW: raw})
        found.append(Condition(LARGEST_DISAGREEMENT.name, distance / noise, float(limit)))
    return tuple(found)
