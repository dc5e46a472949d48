"""`check`: a derivation against its own expression, on drawn matrices.

The expression tree that was derived from is the one that is sampled, so that theory and witness cannot differ in a
convention; what both cannot see, a wrong expression for what was meant, is the business of `compare` and its simulator.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from ..theory.algebra.polynomial import Letter
from ..theory.evaluation.derived import Derived
from ..theory.problem import SpecificationError, Spectrum, checks
from ..theory.results.labelled import RATIO, Column, Labelled
from ..theory.results.plain import plain
from ..theory.results.tabled import Tabled
from .agreement import Judgement, Standard, Verdict
from .arguments import false_alarm_level, fixed_replicates, ladder_scales
from .check_plan import CheckPlan, SampledStream
from .confidence import Estimate, Looks
from .measured import Array
from .size_ladder import Ladder
from .streams import Progress, all_judged, seed_of, simulations

LADDER = (1, 2, 4)


TRACE_UNITS = "units of the trace"  # label units squared for a risk


@final
@dataclass(frozen=True, eq=False, repr=False)
class Check(Tabled):
    """A derivation and its sampled expression, held against each other part by part.

    Attributes:
        names: of the parts, and of their total where there are several.
        judgements: one for each name; their numbers are those at the smallest size.
        ladder: relative gaps at all sizes.
        theory: the derivation's numbers, shape (sizes, names).
        mean, standard_error: of the experiment, shape (sizes, names).
        level: probability that a true formula is called DISAGREES in any part.
        tolerance: relative error of the formula that AGREES excludes.
    """

    names: tuple[str, ...]
    judgements: tuple[Judgement, ...]
    ladder: Ladder
    theory: Array
    mean: Array
    standard_error: Array
    level: float
    tolerance: float

    @property
    def verdicts(self) -> dict[str, Verdict]:
        """The verdict on each part."""
        return {name: judgement.verdict for name, judgement in zip(self.names, self.judgements, strict=True)}

    @property
    def verdict(self) -> Verdict:
        """DISAGREES if any part does, AGREES if all do, else UNRESOLVED."""
        found = set(self.verdicts.values())
        if Verdict.DISAGREES in found:
            return Verdict.DISAGREES
        return Verdict.UNRESOLVED if Verdict.UNRESOLVED in found else Verdict.AGREES

    @property
    def detectable_error(self) -> float:
        """The relative error that would have been detected in every part, each with a probability of 90 %."""
        return max(judgement.detectable_error for judgement in self.judgements)

    @property
    def finite_size(self) -> Array:
        """Fitted finite-size correction a_1 of each part, the relative gap at size 1 to first order."""
        return np.array([self.ladder.coefficient(1, k).value for k in range(1, len(self.names) + 1)])

    @property
    def finite_size_error(self) -> Array:
        """Standard error of `finite_size`."""
        return np.array([self.ladder.coefficient(1, k).standard_error for k in range(1, len(self.names) + 1)])

    @property
    def replicates(self) -> tuple[int, ...]:
        """Behind the mean at each size."""
        return tuple(row[0].replicates for row in self.ladder.gaps)

    def to_dict(self) -> dict[str, Any]:
        """Everything but the replicates, as plain values for JSON."""
        return {
            "result": "Check",
            "verdict": self.verdict.name,
            "level": self.level,
            "tolerance": self.tolerance,
            "detectable_error": plain(self.detectable_error),
            "scales": list(self.ladder.scales),
            "replicates": list(self.replicates),
            "parts": list(self.names),
            "judgements": [judgement.to_dict() for judgement in self.judgements],
            **{name: plain(getattr(self, name)) for name in _ARRAYS},
        }

    def labelled(self) -> Labelled:
        """One row for each part: what theory and experiment say, and the verdict."""
        columns = {"theory": Column(self.theory[0], TRACE_UNITS)}
        for scale, mean, error in zip(self.ladder.scales, self.mean, self.standard_error, strict=True):
            columns |= {
                f"mean_{scale}": Column(mean, TRACE_UNITS),
                f"standard_error_{scale}": Column(error, TRACE_UNITS),
            }
        for name in ("estimate", "gap", "detectable_error"):
            unit = TRACE_UNITS if name == "estimate" else RATIO
            columns[name] = Column([getattr(judgement, name) for judgement in self.judgements], unit)
        columns |= {name: Column(getattr(self, name), RATIO) for name in ("finite_size", "finite_size_error")}
        columns["verdict"] = Column([judgement.verdict.value for judgement in self.judgements])
        about = {"level": self.level, "tolerance": self.tolerance, "verdict": self.verdict.value}
        return Labelled({"part": list(self.names)}, columns, about | {"replicates": list(self.replicates)})

    _details_title = "how each verdict was reached"

    def _caption(self) -> str:
        return (
            f"Check: {self.verdict.value} (false-alarm level {self.level:g}; an error of "
            f"{100 * self.detectable_error:.2g} % would have been detected)"
        )

    @property
    def _head(self) -> tuple[str, ...]:
        sizes = zip(self.ladder.scales, self.replicates, strict=True)
        means = [f"size {scale} ({count} draws)" for scale, count in sizes]
        return ("part", "theory", *means, "gap", "detectable", "finite size", "verdict")

    def _details(self) -> list[str]:
        return [f"{name}: {judgement.rule}" for name, judgement in zip(self.names, self.judgements, strict=True)]

    def _rows(self) -> list[tuple[str, ...]]:
        return [
            (
                name,
                f"{judgement.theory:.6g}",
                *(f"{mean:.5g} ± {error:.1g}" for mean, error in zip(means, errors, strict=True)),
                f"{100 * judgement.gap:+.2f} %",
                f"{100 * judgement.detectable_error:.2g} %",
                f"{100 * finite:+.2g} %",
                judgement.verdict.value,
            )
            for name, judgement, means, errors, finite in zip(
                self.names, self.judgements, self.mean.T, self.standard_error.T, self.finite_size, strict=True
            )
        ]


_ARRAYS = ("theory", "mean", "standard_error", "finite_size", "finite_size_error")


def check(
    derivation: Derived,
    spectrum: Spectrum | None = None,
    values: Mapping[Letter, Any] | None = None,
    *,
    scales: Sequence[int] = LADDER,
    seconds: float = 30,
    level: float = 0.01,
    tolerance: float = 0.02,
    replicates: int | Mapping[int, int] | None = None,
    seed: int = 0,
    progress: Progress = False,
) -> Check:
    r"""Judge a derivation by sampling its own expression, until every part is decided or time is over.

    At size c every eigendirection is there c times, all sizes are c times as large, the squares of truth and offsets
    are shared out, noises and penalties stay. The relative gap of each part and of the total,
    $$ a_0 + a_1 / c + a_2 / c^2 + ... $$
    must have a_0 = 0. Truth, offsets and label noise are integrated out: a replicate is a draw of the matrices alone.

    Args:
        derivation: made by `derive_expression`, or by `derive` from an expression.
        spectrum: eigenvalues for the one spectral letter that `values` leaves out; None where it leaves out none.
        values: a number for every other letter, whole numbers for sizes, arrays over the eigendirections for spectral
            letters. The number of directions follows from them; 16 to 32 are advised, as dense matrices are drawn.
        scales: sizes c, at least three.
        seconds: wall-clock budget, > 0, which only the first two batches may exceed.
        level: probability, in (0, 1), that a true formula is called DISAGREES in any part, at any time.
        tolerance: relative error > 0 that AGREES excludes.
        replicates: a fixed number >= 256 at every size, or one for each size, instead of a budget: deterministic.
        seed: of all random numbers, from 0 to 2^53 - 1.
        progress: a bar (True), or a function of (done, total), called for each piece of the work.

    Returns:
        Verdicts with a detectable error, and the means they rest on. Interrupted from the keyboard, it judges what has
        been drawn.

    Raises:
        SpecificationError: for impossible values, before any work starts.
        NotCertified: where the fixed point is not reached.

    >>> from modelcollapse.theory.algebra.model import Model, ridge
    >>> from modelcollapse.theory.algebra.risk import risk
    >>> from modelcollapse.theory.evaluation.derived import derive_expression
    >>> from modelcollapse.theory.problem import Isotropic
    >>> m = Model(); X = m.design("X", rows="T")
    >>> ridge_risk = derive_expression(risk(ridge(X, X @ m.truth + m.noise("sigma"), "lambda")))
    >>> values = {"T": 24, "sigma": 0.5, "lambda": 0.3, "theta": np.full(16, 1 / 16)}
    >>> check(ridge_risk, Isotropic(16), values, replicates=1024, tolerance=0.05).verdict
    <Verdict.AGREES: 'agrees'>
    """
    if not isinstance(derivation, Derived):
        raise SpecificationError("derivation", derivation, "a derivation of an expression")
    seconds, tolerance = checks.positive("seconds", seconds), checks.positive("tolerance", tolerance)
    deadline = time.monotonic() + seconds
    level = false_alarm_level(level)
    seed = checks.concrete_size("seed", seed, least=0)
    sizes = ladder_scales(scales, LADDER)
    if len(sizes) < 3:
        raise SpecificationError("scales", scales, "at least three different whole numbers such as (1, 2, 4)")
    counts = fixed_replicates(replicates, sizes)
    plan = CheckPlan.of(derivation, spectrum, {} if values is None else values, sizes)
    streams = {
        rung: SampledStream(experiment, seed_of(seed, rung.scale), progress)
        for rung, experiment in zip(plan.rungs, plan.experiments, strict=True)
    }

    def judged(number: int, look: Looks) -> Judgement:
        return plan.judge(number, simulations(streams), Standard(level, tolerance, len(plan.names), look))

    judgements = all_judged(len(plan.names), plan, streams, judged, counts, deadline)
    means = [[Estimate.mean(column) for column in simulations(streams)[rung].T] for rung in plan.rungs]
    return Check(
        plan.names,
        judgements,
        plan.ladder(simulations(streams)),
        plan.theories,
        np.array([[mean.value for mean in row] for row in means]),
        np.array([[mean.standard_error for mean in row] for row in means]),
        level,
        tolerance,
    )
