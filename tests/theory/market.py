"""Named chains of three generations in twelve dimensions, on which the laws of theory are checked.

No two parameters of a chain are equal, none is 0 or 1, and all chains share the shapes that JAX compiles for.
"""

from dataclasses import dataclass

import numpy as np

from modelcollapse.theory.problem import (
    PREVIOUS,
    Chain,
    Coefficients,
    Eigenvalues,
    Generation,
    MinimumNorm,
    Population,
    Ridge,
    Source,
)

from .reference import Fit

DIMENSION = 12
ORDER = np.arange(1.0, DIMENSION + 1)
TRUTH = np.array([1.3, -0.4, 0.9, 0.35, -1.1, 0.6, 0.8, -0.25, 0.45, 1.7, -0.55, 0.15])


@dataclass(frozen=True)
class Problem:
    """A chain as plain numbers, for the references, and as a `Chain`, for the package."""

    s: np.ndarray
    fits: tuple[Fit, ...]

    @property
    def truth(self) -> np.ndarray:
        """Squared coordinates of the truth."""
        return TRUTH**2

    @property
    def chain(self) -> Chain:
        population = Population(Eigenvalues(self.s), Coefficients(TRUTH))
        return Chain(population, tuple(generation(fit) for fit in self.fits))


def generation(fit: Fit) -> Generation:
    """A generation on rows that the model before it labelled."""
    estimator = Ridge(fit.penalty) if fit.penalty > 0 else MinimumNorm()
    return Generation((Source(fit.rows, fit.noise, PREVIOUS),), estimator)


POWER_LAW = 1.7 * ORDER**-1.3
STEEP = ORDER**-6.0 * 0.6
SPIKED = np.r_[40.0, 9.0, np.linspace(0.8, 1.2, DIMENSION - 2)]
TINY = np.r_[np.linspace(0.5, 2.0, DIMENSION - 3), 1e-9, 1e-90, 1e-300]

RIDGE = {
    "many rows": Problem(POWER_LAW, (Fit(40, 0.02, 0.3), Fit(55, 0.11, 0.7), Fit(31, 0.4, 0.45))),
    "few rows": Problem(SPIKED, (Fit(5, 0.3, 0.6), Fit(7, 0.05, 0.2), Fit(3, 0.9, 0.35))),
    "at the threshold": Problem(POWER_LAW, (Fit(11, 1e-4, 0.3), Fit(12, 3e-6, 0.2), Fit(13, 2e-9, 0.4))),
    "steep": Problem(STEEP, (Fit(9, 1e-3, 0.2), Fit(23, 2e-7, 0.3), Fit(12, 5e-12, 0.15))),
    "large penalties": Problem(SPIKED, (Fit(17, 60.0, 0.8), Fit(29, 700.0, 0.5), Fit(8, 9.0, 0.3))),
    "vanishing penalties": Problem(POWER_LAW, (Fit(12, 1e-14, 0.3), Fit(30, 4e-14, 0.2), Fit(6, 2e-14, 0.7))),
    "tiny eigenvalues": Problem(TINY, (Fit(9, 1e-10, 0.3), Fit(12, 2e-30, 0.2), Fit(25, 0.3, 0.6))),
}
OTHERS = {
    "least squares": Problem(POWER_LAW, (Fit(16, 0, 0.3), Fit(25, 0, 0.7), Fit(14, 0, 0.2))),
    "generators, then ridge": Problem(STEEP, (Fit(31, 0, 0.25), Fit(19, 0, 0.4), Fit(17, 0.006, 0.6))),
    "minimum norm below the rank": Problem(SPIKED, (Fit(7, 0, 0.4), Fit(5, 0, 0.3), Fit(10, 0, 0.6))),
    "both sides": Problem(POWER_LAW, (Fit(8, 0, 0.2), Fit(33, 0, 0.5), Fit(10, 0.03, 0.3))),
}
MARKET = RIDGE | OTHERS
