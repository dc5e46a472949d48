"""How often the judge errs: false alarms on true formulas and detections of wrong ones, counted over many seeds.

The errors are draws of known laws, so that what is judged is the judge alone. `make calibrate` counts over 2000 seeds
and writes the counts to calibration.json beside this file; the test suite counts again over the first seeds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, final

import numpy as np
from scipy.stats import binom

from ..theory.results import RATIO, Column, Labelled, Tabled
from .agreement import Judgement, Standard, Verdict, judge_exact
from .confidence import Growing, Once
from .exact_law import WalkLaw
from .law_agreement import judge_law
from .size_ladder import Ladder, judge_ladder

SEEDS, FIRST_SEEDS = 2000, 100
LEVEL, TOLERANCE = 0.05, 0.02
WRONG = 1.05  # factor on a true formula that has to be detected
_LAW = WalkLaw(7, (0.3, 0.5, 0.4), (27, 19, 35))
_HEAVY = WalkLaw(5, (0.4,), (2,))  # least squares with rows = rank + 1
_SCALES = (1, 2, 4)
_GAPS = (0.15, -0.08)  # the ladder's finite-size corrections of first and second order

Experiment = Callable[[int, float], Verdict]


@final
@dataclass(frozen=True)
class Rate:
    """One way of judging, counted over seeds.

    Attributes:
        name: how the judgement is reached.
        level: the false-alarm probability that is promised; nothing is promised of detections.
        seeds: number of experiments.
        false_alarms: how often a true formula was called DISAGREES.
        detections: how often a formula that is 5 % too large was.
        first_false_alarms, first_detections: the same among the first 100 seeds.
    """

    name: str
    level: float
    seeds: int
    false_alarms: int
    detections: int
    first_false_alarms: int
    first_detections: int

    @property
    def keeps_its_level(self) -> bool:
        """Whether the false alarms stay below the 99.9 % quantile at the promised level."""
        return bool(self.false_alarms <= binom.ppf(0.999, self.seeds, self.level))


@final
@dataclass(frozen=True, repr=False)
class Calibration(Tabled):
    """Rates of all ways of judging."""

    rates: tuple[Rate, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "result": "Calibration",
            "level": LEVEL,
            "tolerance": TOLERANCE,
            "wrong_by": WRONG,
            "rates": [asdict(rate) for rate in self.rates],
        }

    def labelled(self) -> Labelled:
        """One row for each way of judging: what it promises, and what was counted."""
        units = {"level": RATIO} | dict.fromkeys(("seeds", "false_alarms", "detections"), "experiments")
        columns = {name: Column([getattr(rate, name) for rate in self.rates], unit) for name, unit in units.items()}
        about = {"tolerance": TOLERANCE, "wrong_by": WRONG, "kind": "Monte Carlo"}
        return Labelled({"judged by": [rate.name for rate in self.rates]}, columns, about)

    _head = ("judged by", "seeds", "false alarms", "5 % error found")

    def _rows(self) -> list[tuple[str, ...]]:
        shares = [(rate.false_alarms / rate.seeds, rate.detections / rate.seeds, rate) for rate in self.rates]
        return [(rate.name, str(rate.seeds), f"{false:.2%}", f"{found:.1%}") for false, found, rate in shares]


def calibrate(seeds: int = SEEDS) -> Calibration:
    """Count false alarms and detections of every way of judging.

    Args:
        seeds: experiments of each kind, at least 100.
    """
    return Calibration(tuple(_rate(name, experiment, seeds) for name, experiment in EXPERIMENTS.items()))


def committed() -> Calibration:
    """The counts that are kept with the package."""
    text = files(__package__).joinpath("calibration.json").read_text(encoding="utf-8")
    return Calibration(tuple(Rate(**rate) for rate in json.loads(text)["rates"]))


def _rate(name: str, experiment: Experiment, seeds: int) -> Rate:
    alarms, found = (
        np.array([experiment(seed, factor) is Verdict.DISAGREES for seed in range(seeds)]) for factor in (1.0, WRONG)
    )
    counts = (alarms.sum(), found.sum(), alarms[:FIRST_SEEDS].sum(), found[:FIRST_SEEDS].sum())
    return Rate(name, LEVEL, seeds, *(int(count) for count in counts))


def _by_the_mean(seed: int, factor: float) -> Verdict:
    """Three generations that share the level, judged once."""
    generator = np.random.default_rng([seed, 1])
    laws = [WalkLaw(_LAW.rank, _LAW.noise[:g], _LAW.freedom[:g]) for g in (1, 2, 3)]
    standard = Standard(LEVEL, TOLERANCE, 3, Once())
    return _worst(
        [
            judge_exact(g, factor * law.mean(), law.draw(4096, generator), standard)
            for g, law in enumerate(laws, start=1)
        ]
    )


def _by_growing_means(seed: int, factor: float) -> Verdict:
    """One generation, looked at six times while the experiment grows."""
    errors = _LAW.draw(8192, np.random.default_rng([seed, 2]))
    sizes = (256, 512, 1024, 2048, 4096, 8192)
    return _worst(
        [
            judge_exact(1, factor * _LAW.mean(), errors[:size], Standard(LEVEL, TOLERANCE, 1, Growing(look)))
            for look, size in enumerate(sizes, start=1)
        ]
    )


def _by_the_law(seed: int, factor: float) -> Verdict:
    """Errors without a mean, against draws of their law; a wrong formula is one of another scale."""
    generator = np.random.default_rng([seed, 3])
    errors = _HEAVY.draw(24576, generator) / factor
    return judge_law(1, _HEAVY.mean(), errors, _HEAVY, Standard(LEVEL, TOLERANCE, 1, Once()), generator).verdict


def _by_a_ladder(seed: int, factor: float) -> Verdict:
    """A deterministic equivalent at three sizes."""
    generator = np.random.default_rng([seed, 4])
    gaps = [1 + sum(a / c**k for k, a in enumerate(_GAPS, start=1)) for c in _SCALES]
    errors = [
        gap * (1 + 0.3 * generator.standard_normal((6000, 1)) / c**0.5) for gap, c in zip(gaps, _SCALES, strict=True)
    ]
    ladder = Ladder.measured(_SCALES, [np.full(1, factor)] * len(_SCALES), errors)
    return judge_ladder(1, factor, ladder, 0.0, Standard(LEVEL, TOLERANCE, 1, Once())).verdict


def _worst(judgements: Sequence[Judgement]) -> Verdict:
    verdicts = [judgement.verdict for judgement in judgements]
    return Verdict.DISAGREES if Verdict.DISAGREES in verdicts else verdicts[-1]


EXPERIMENTS: dict[str, Experiment] = {
    "the mean, three generations": _by_the_mean,
    "the mean, while it grows": _by_growing_means,
    "the law, where there is no mean": _by_the_law,
    "a ladder of sizes": _by_a_ladder,
}

if __name__ == "__main__":
    result = calibrate()
    Path(__file__).with_name("calibration.json").write_text(result.to_json() + "\n", encoding="utf-8")
    print(result)
