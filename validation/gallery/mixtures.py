"""One fit on real and synthetic rows, as the pictures of strong collapse have it."""

from __future__ import annotations

from ...theory.problem import (
    Chain,
    Estimator,
    GaussianTarget,
    Generation,
    Isotropic,
    Population,
    Shifted,
    Source,
    UniformTarget,
)


def mixture(dimension: int, rows: int, share: float, distance: float, noise: float, estimator: Estimator) -> Chain:
    """One fit on real rows and on rows that a labeller off the truth labelled; isotropic covariates.

    Args:
        dimension: d; the truth has norm 1.
        rows: n, real and synthetic ones together.
        share: f of the rows are synthetic, rounded; at least one, unless f is 0, and never all.
        distance: c^2, mean squared distance of the labeller from the truth.
        noise: standard deviation of all label noise.
        estimator: of the fit.

    >>> from modelcollapse.theory.problem import Ridge
    >>> [source.rows for source in mixture(4, 100, 0.2, 0.5, 0.3, Ridge(0.1)).generations[0].sources]
    [80, 20]
    """
    labeller = Shifted(GaussianTarget([distance / dimension] * dimension))
    synthetic = min(max(round(share * rows), 1), rows - 1) if share else 0
    sources = (Source(rows - synthetic, noise), *((Source(synthetic, noise, labeller),) if synthetic else ()))
    return Chain(Population(Isotropic(dimension), UniformTarget()), (Generation(sources, estimator),))
