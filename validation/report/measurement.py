"""One section of the report: a regime predicted, run on Gaussian rows, run on rows of the data set, and judged."""

from __future__ import annotations

from dataclasses import asdict
from itertools import groupby
from time import perf_counter
from typing import Any

from ...numerics.designs import ResampledRows
from ...numerics.measurement.label_noise import INTEGRATED
from ...numerics.simulation import Simulation, simulate
from ...theory.evaluation.prediction import Prediction, predict
from ...theory.results.progress import Progress
from ..comparison import Comparison, compare
from ..covariates import TOLERANCE, covariate_ratio, judge_covariates
from ..real_data import RealData
from .regimes import Regime
from .sentences import agreement_sentence, covariates_sentence


def measure(regime: Regime, data: RealData, seed: int, progress: Progress) -> dict[str, Any]:
    """All numbers of one section.

    Label noise is integrated out: the same means with less spread. The two experiments are independent of each other.

    Args:
        regime: what is measured.
        data: the regime's data set.
        seed: root of the random numbers; the two experiments use 2 seed and 2 seed + 1.
        progress: handed on to `simulate`.

    Raises:
        KeyboardInterrupt: when interrupted from the keyboard.
    """
    begin, count = perf_counter(), regime.replicates
    chain = regime.chain(data)
    prediction = predict(chain)
    comparison = compare(chain, replicates=count, seed=2 * seed, progress=progress)
    _require_finished(comparison, count)
    gaussian, design = comparison.simulation, ResampledRows(data.rows)
    real = simulate(chain, count, 2 * seed + 1, noise=INTEGRATED, design=design, progress=progress)
    if real.interrupted:
        raise KeyboardInterrupt
    verdicts = [judgement.to_dict() for judgement in comparison.judgements]
    covariates = [judgement.to_dict() for judgement in judge_covariates(gaussian.errors, real.errors)]
    return {
        **asdict(regime),
        "noise": data.noise,
        "rank": data.rank,
        "theory": prediction.to_dict() | {"by_generation": prediction.by_generation},
        "gaussian": _summary(gaussian),
        "real": _summary(real),
        "verdicts": verdicts,
        "level": comparison.level,
        "tolerance": comparison.tolerance,
        "ratio": asdict(covariate_ratio(gaussian, real)),
        "covariates": covariates,
        "agreement_in_words": agreement_sentence(verdicts),
        "covariates_in_words": covariates_sentence(regime.name, covariates, TOLERANCE),
        "ridges": _ridges(prediction),
        "seconds": round(perf_counter() - begin, 1),
    }


def _require_finished(comparison: Comparison, count: int) -> None:
    """An interrupted comparison holds fewer replicates at some size; a section of it would not be the one asked for."""
    if comparison.simulation.interrupted or any(row.replicates < count for row in comparison.judgements):
        raise KeyboardInterrupt


def _summary(simulation: Simulation) -> dict[str, Any]:
    return {
        "mean": simulation.mean,
        "standard_error": simulation.standard_error,
        "replicates": simulation.replicates,
        "sampler": simulation.sampler,
        "seed": simulation.seed,
    }


def _ridges(prediction: Prediction) -> list[dict[str, Any]]:
    """Effective ridge and degrees of freedom of every run of equal generations."""
    columns = zip(prediction.effective_ridge, prediction.degrees_of_freedom, prediction.finite_size, strict=True)
    runs = []
    for values, run in groupby(enumerate(columns, start=1), key=lambda item: item[1]):
        generations = [generation for generation, _ in run]
        span = f"{generations[0]} to {generations[-1]}" if len(generations) > 1 else str(generations[0])
        names = ("effective_ridge", "degrees_of_freedom", "finite_size")
        runs.append({"generations": span, **dict(zip(names, values, strict=True))})
    return runs
