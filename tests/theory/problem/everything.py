"""Chains in which every class of the specification occurs."""

import numpy as np

from modelcollapse.theory.problem import (
    ACCUMULATE,
    PREVIOUS,
    TRUTH,
    Blend,
    Chain,
    Coefficients,
    Eigenvalues,
    GaussianTarget,
    Generation,
    Isotropic,
    Kept,
    LabelledBy,
    Levels,
    Lottery,
    MinimumNorm,
    NormWindow,
    Perturbed,
    Population,
    PowerLaw,
    RandomProjection,
    Recorded,
    Refitted,
    Resample,
    ResidualWindow,
    Revise,
    Ridge,
    SameRows,
    Shifted,
    Source,
    SourceCondition,
    Spiked,
    Subsample,
    TopShare,
    UniformTarget,
    Unreliable,
    replace,
)

POPULATION = Population(PowerLaw(6, 1.5), SourceCondition(0.5))
RIDGE = Ridge(0.1)
WINDOW = ResidualWindow(UniformTarget(0.3), -0.5, 0.7)


def one_of_each():
    first = (
        Source(50, 0.3),
        Source(40, 0.2, Shifted(GaussianTarget([0.1] * 6), tag=2), 0.5, Levels([2.0, 0.5], [2, 4])),
    )
    blend = Blend(((TRUTH, 0.25), (Recorded(1), 0.5), (PREVIOUS, 0.25)))
    lottery = Lottery(((LabelledBy(1), 0.3), (Blend(((TRUTH, 0.5), (PREVIOUS, 0.5))), 0.7)))
    steps = (
        Generation(first, RandomProjection(4, None), TopShare(Coefficients(np.arange(6.0)), 0.5)),
        Generation((Source(50, 0.1, blend, covariates=SameRows(1)), Kept(1, 1, 0.25)), RandomProjection(4, 0.1, False)),
        Generation((Source(30, 0.0, lottery, covariates=Refitted(2, 0, 1.1, 0.2, 3)),), RIDGE, memory=ACCUMULATE),
        Generation((Source(30, 0.0, PREVIOUS, covariates=Perturbed(0.1)),), MinimumNorm(), memory=Subsample(60)),
        Generation((Source(20, 0.1, PREVIOUS),), RIDGE, Resample(Unreliable(WINDOW, 0.1, 0.2), 3, True)),
        Generation((Source(20, 0.1, PREVIOUS),), RIDGE, NormWindow(UniformTarget(), 0.1, 0.5)),
        Generation((Source(20, 0.1, PREVIOUS),), RIDGE, Revise(UniformTarget(), 0.1, 0.5)),
    )
    chain = Chain(POPULATION, steps, initial=UniformTarget(0.5))
    others = [
        Population(Isotropic(3, 2.0), UniformTarget()),
        Population(Spiked(3, [7.0], 0.1), Coefficients([1.0, -2.0, 0.0])),
        Population(Eigenvalues([0.1, 1 / 3, np.pi]), GaussianTarget([1e-300, 0.0, 1e300])),
    ]
    return [chain, chain.scaled(2), chain.scaled(2).scaled(3), *(replace(other, 2, rows=9) for other in others)]
