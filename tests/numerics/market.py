"""One small chain for every part of a specification, dimension 6, so that shapes are few."""

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
    Kept,
    LabelledBy,
    Lottery,
    MinimumNorm,
    Perturbed,
    Population,
    PowerLaw,
    RandomProjection,
    Recorded,
    Refitted,
    Ridge,
    SameRows,
    Shifted,
    Source,
    Subsample,
    UniformTarget,
)

SPECTRUM = PowerLaw(6, 1.3)
POPULATION = Population(SPECTRUM, GaussianTarget([0.5, 2.0, 0.7, 1.1, 0.4, 3.0]))
OTHER = Eigenvalues([0.2, 1.5, 0.1, 0.9, 0.7, 2.0])
HOLLOW = Population(Eigenvalues([1.0, 0.0, 0.6, 0.3, 0.0, 0.8]), UniformTarget(2.0))
RIDGE = Ridge(0.07)
OFFSET = Shifted(GaussianTarget([0.3, 0.2, 0.5, 0.1, 0.7, 0.4]))
TWIN = Shifted(GaussianTarget([0.3, 0.2, 0.5, 0.1, 0.7, 0.4]), tag=1)


def generation(*sources, estimator=RIDGE, **others):
    return Generation(sources, estimator, **others)


def previous(rows, noise=0.4, **others):
    return Source(rows, noise, PREVIOUS, **others)


def chain(*generations, population=POPULATION, initial=None):
    return Chain(population, generations, initial)


FIRST = generation(previous(14))
# Chains that sufficient statistics serve exactly.
STATISTICAL = {
    "replace": chain(*[FIRST] * 3),
    "replace below the dimension": chain(*[generation(previous(4))] * 3),
    "minimum norm on both sides": chain(
        generation(previous(15), estimator=MinimumNorm()), generation(previous(3), estimator=MinimumNorm()), FIRST
    ),
    "a given first model": chain(FIRST, FIRST, initial=GaussianTarget([0.2, 0.4, 0.1, 0.6, 0.3, 0.5])),
    "labelled by an old model": chain(FIRST, FIRST, generation(Source(9, 0.3, LabelledBy(1)), previous(5))),
    "shifted": chain(
        generation(Source(7, 0.2, OFFSET), Source(6, 0.5, OFFSET)),
        generation(Source(5, 0.3, OFFSET), Source(8, 0.1, TWIN), previous(4)),
    ),
    "a fixed shift": chain(generation(Source(12, 0.2, Shifted(Coefficients([0.3, -0.5, 0.2, 0.6, -0.1, 0.4]))))),
    "blend": chain(*[generation(Source(13, 0.3, Blend(((TRUTH, 0.3), (PREVIOUS, 0.5), (OFFSET, 0.2)))))] * 3),
    "accumulate": chain(*[generation(previous(8), memory=ACCUMULATE)] * 3),
    "accumulate on the same rows": chain(
        generation(previous(9), memory=ACCUMULATE),
        *[generation(previous(9, covariates=SameRows(1)), memory=ACCUMULATE)] * 2,
    ),
    "minimum norm on repeated rows": chain(
        generation(previous(4), memory=ACCUMULATE, estimator=MinimumNorm()),
        *[generation(previous(4, covariates=SameRows(1)), memory=ACCUMULATE, estimator=MinimumNorm())] * 2,
    ),
    "kept rows": chain(generation(Source(8, 0.2)), *[generation(Kept(1, 0, 0.6), previous(7, weight=1.7))] * 2),
    "recorded labels": chain(
        FIRST,
        generation(Source(14, 0.2, Blend(((Recorded(1), 0.4), (PREVIOUS, 0.6))), covariates=SameRows(1))),
        generation(Source(14, 0.1, Blend(((Recorded(2), 0.7), (TRUTH, 0.3))), covariates=SameRows(2)), previous(5)),
    ),
    "refitted covariates": chain(
        FIRST,
        generation(previous(13, covariates=Refitted(1, rescale=1.4))),
        generation(previous(9, covariates=Refitted(2))),
    ),
    "refitted below the dimension": chain(
        generation(previous(4)), generation(previous(9, covariates=Refitted(1)), estimator=MinimumNorm())
    ),
    "covariances and weights": chain(*[generation(Source(9, 0.2), previous(8, 0.5, weight=2.3, covariance=OTHER))] * 2),
    "a covariance where the population has none": chain(
        generation(Source(7, 0.3, OFFSET, covariance=OTHER), previous(6)),
        generation(previous(5, covariance=OTHER), Source(4, 0.2)),
        population=HOLLOW,
    ),
    "random projections": chain(
        generation(previous(14), estimator=RandomProjection(4, 0.1)),
        generation(previous(14), estimator=RandomProjection(4, 0.1, redraw=False)),
        generation(previous(5), estimator=RandomProjection(9, 0.2)),
    ),
    "ridgeless projections": chain(
        generation(previous(14), estimator=RandomProjection(3)),
        generation(previous(14), estimator=RandomProjection(20)),
        generation(previous(4), estimator=RandomProjection(20)),
    ),
}
# Chains whose rows must be drawn one by one.
BY_ROWS = {
    "lottery": chain(
        FIRST,
        *[generation(Source(12, 0.3, Lottery(((TRUTH, 0.3), (Blend(((PREVIOUS, 0.5), (OFFSET, 0.5))), 0.7)))))] * 2,
    ),
    "subsample": chain(*[generation(previous(10), memory=Subsample(7))] * 3),
    "accumulate, then subsample": chain(
        generation(previous(10), memory=ACCUMULATE),
        generation(previous(6), memory=Subsample(9)),
        generation(previous(5), memory=ACCUMULATE),
    ),
    "disturbed covariates": chain(
        generation(previous(14, covariates=Perturbed(0.6))),
        generation(previous(14, covariates=SameRows(1)), Kept(1)),
        generation(previous(9, covariates=Perturbed(0.3)), Kept(1)),
    ),
    "disturbed where the population has no variance": chain(
        *[generation(previous(11, covariates=Perturbed(0.5)))] * 2, population=HOLLOW
    ),
    "refitted, shrunk and cut": chain(
        FIRST, generation(previous(13, covariates=Refitted(1, rescale=1.3, shrink=0.4, rank=3))), FIRST
    ),
    "refitted and shrunk below the dimension": chain(
        generation(previous(4)), generation(previous(9, covariates=Refitted(1, shrink=0.3)), estimator=MinimumNorm())
    ),
}
ALL = STATISTICAL | BY_ROWS
