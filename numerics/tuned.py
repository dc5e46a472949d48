"""Monte Carlo of a chain whose penalties are chosen from data along the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import numpy as np

from ..theory.problem import checks
from ..theory.problem.chain import Chain
from ..theory.problem.checks import ByContent, Vector
from ..theory.problem.errors import SpecificationError
from ..theory.problem.tuning import HeldOut, Tuning, offered_penalties, require_tuning
from ..theory.results import LABEL_UNITS, RATIO, Column, Labelled, Tabled, plain
from ..theory.results.chains import chain_record
from ..theory.results.progress import Progress
from .execution.replicates import run
from .reading.fresh_rows import obstacle
from .sampling.tuned_fits import tuned_work


@final
@dataclass(frozen=True, eq=False, repr=False)
class TunedSimulation(ByContent, Tabled):
    """The excess error |w_g - w_0|^2_Sigma of every replicate after every generation, and the penalties chosen.

    Attributes:
        chain: what was simulated, but for its penalties.
        rule: how they were chosen.
        choices: (C,) penalties offered.
        errors: (replicates, generations), read-only.
        penalties: (replicates, generations), read-only.
        seed: root of all random numbers.
        interrupted: whether fewer replicates are here than were asked for.
    """

    chain: Chain
    rule: Tuning
    choices: Vector
    errors: Vector
    penalties: Vector
    seed: int
    interrupted: bool = False

    def __post_init__(self) -> None:
        for array in (self.choices, self.errors, self.penalties):
            array.setflags(write=False)

    @property
    def replicates(self) -> int:
        """Number of finished replicates."""
        return int(self.errors.shape[0])

    @property
    def mean(self) -> Vector:
        """Mean excess error after each generation, shape (generations,)."""
        return np.asarray(self.errors.mean(axis=0))

    @property
    def standard_error(self) -> Vector:
        """Standard error of `mean`, shape (generations,)."""
        return np.asarray(self.errors.std(axis=0, ddof=1) / np.sqrt(self.replicates))

    @property
    def median_penalty(self) -> Vector:
        """Median of the penalties chosen, shape (generations,)."""
        return np.asarray(np.median(self.penalties, axis=0))

    @property
    def at_ends(self) -> Vector:
        """Share of replicates that chose the least or the largest penalty offered, shape (generations,)."""
        ends = self.choices.min(), self.choices.max()
        return np.asarray(np.isin(self.penalties, ends).mean(axis=0))

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain numbers, strings and lists."""
        rows, noise = (self.rule.rows, self.rule.noise) if isinstance(self.rule, HeldOut) else (None, None)
        return {
            "result": "TunedSimulation",
            **chain_record(self.chain),
            "rule": type(self.rule).__name__,
            "held_out_rows": rows,
            "held_out_noise": noise,
            "choices": plain(self.choices),
            "mean": plain(self.mean),
            "standard_error": plain(self.standard_error),
            "median_penalty": plain(self.median_penalty),
            "at_ends": plain(self.at_ends),
            "replicates": self.replicates,
            "seed": self.seed,
            "interrupted": self.interrupted,
            "errors": plain(self.errors),
            "penalties": plain(self.penalties),
        }

    def labelled(self) -> Labelled:
        """One row for each replicate and generation; xarray holds what is said of all replicates, too."""
        axes = {"replicate": range(self.replicates), "generation": range(1, len(self.chain) + 1)}
        columns = {"error": Column(self.errors, LABEL_UNITS), "penalty": Column(self.penalties, _PENALTY_UNITS)}
        units = {"mean": LABEL_UNITS, "standard_error": LABEL_UNITS, "median_penalty": _PENALTY_UNITS, "at_ends": RATIO}
        further = {name: Column(getattr(self, name), unit, ("generation",)) for name, unit in units.items()}
        about = {"kind": "Monte Carlo", "seed": self.seed, "rule": repr(self.rule)}
        return Labelled(axes, columns, about, further)

    _head = ("generation", "excess error", "standard error", "median penalty", "at an end")

    def _rows(self) -> list[tuple[str, ...]]:
        columns = (self.mean, self.standard_error, self.median_penalty, self.at_ends)
        numbered = enumerate(zip(*(column.tolist() for column in columns), strict=True), start=1)
        return [
            (str(g), f"{mean:.6g}", f"{se:.2g}", f"{median:.4g}", f"{end:.0%}")
            for g, (mean, se, median, end) in numbered
        ]

    def _caption(self) -> str:
        state = ", interrupted" if self.interrupted else ""
        among = f"{self.choices.size} penalties by {self.rule!r}"
        return f"Tuned among {among}: {self.replicates} replicates{state}, seed {self.seed}"


_PENALTY_UNITS = "covariance units"


def simulate_tuned(
    chain: Chain, rule: Tuning, choices: Any, replicates: int = 200, seed: int = 0, *, progress: Progress = False
) -> TunedSimulation:
    r"""Run a chain whose fits are ridge regressions, each with the penalty that a practical rule chooses from data.

    $$ \hat\lambda_g = \arg\min_\lambda \frac{|y - X w(\lambda)|^2/n}{(1 - df(\lambda)/n)^2}, \quad
    df = \mathrm{tr}\, X (X'X + n\lambda)^{-1} X' \quad (CROSS\_VALIDATED) $$

    $$ \hat\lambda_g = \arg\min_\lambda |\tilde y - \tilde X w(\lambda)|^2 \text{ on fresh real rows} \quad
    (HeldOut(rows, noise)) $$

    Exact in law at finite size, by triangles in the place of rows. The rows and labels of the fits are those of
    `simulate(..., sampler=WISHART)` with the same seed, whatever the rule and the choices: differences can be paired.
    `practical_penalties` is the limit of large sizes.

    Args:
        chain: numbers only; ridge regression or least squares on fresh rows of its own generation, of equal weights,
            whoever labels them. Its own penalties are not read.
        rule: `CROSS_VALIDATED`, `HeldOut(rows, noise)`, or `HELD_OUT`, which sees the excess error itself.
        choices: (C,) penalties > 0 among which the rule chooses; the first of equals.
        replicates: at least 2; one alone has no standard error.
        seed: a whole number >= 0 and < 2^53. Replicate i depends on it and on i only, not on how many are run.
        progress: True for a progress bar, or a function of (done, total).

    Returns:
        A `TunedSimulation`; the finished part of it when interrupted from the keyboard.

    Raises:
        SpecificationError: for impossible values, and for chains of other rows or fits, before any work.
        TooLarge: when a fit does not fit into memory.
        NotCertified: when a fit is too close to singular to be known to six digits, and when an error overflows.

    Source: Golub, Heath and Wahba, Technometrics 21 (1979) 215, for generalised cross-validation.

    >>> from modelcollapse.theory.problem import *
    >>> chain = replace(Population(Isotropic(4), UniformTarget()), generations=2, rows=20, noise=0.0)
    >>> simulate_tuned(chain, HELD_OUT, [1e-3, 1.0], replicates=5).median_penalty  # without noise, the less the better
    array([0.001, 0.001])
    """
    if not isinstance(chain, Chain):
        raise SpecificationError("chain", chain, "a Chain")
    require_tuning(rule)
    offered = offered_penalties(choices)
    replicates = checks.concrete_size("replicates", replicates, least=2)
    seed = checks.concrete_size("seed", seed, least=0)
    found = obstacle(chain)
    if found:
        raise SpecificationError("chain", chain, f"ridge regression or least squares on fresh rows; here {found}")
    checks.require_memory("replicates", replicates, 3 * 8 * 2 * len(chain))
    readings: Any
    readings, interrupted = run(tuned_work(chain, rule, offered, seed), 0, replicates, progress, 1)
    errors, penalties = (readings[:, :, part].copy() for part in range(2))
    return TunedSimulation(chain, rule, offered, errors, penalties, seed, interrupted)
