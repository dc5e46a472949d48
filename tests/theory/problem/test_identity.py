"""Specifications are values: equal by content, hashable, immutable, and the same on the other side of a process."""

import copy
import dataclasses
import pickle

import numpy as np
import pytest

from modelcollapse.theory.problem import (
    ACCUMULATE,
    ALL,
    FORGET,
    FRESH,
    KEEP_ALL,
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
    Repeated,
    Resample,
    ResidualWindow,
    Revise,
    Ridge,
    SameRows,
    SharedOut,
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
from modelcollapse.theory.problem.interchange.classes import PACKAGED

from .everything import one_of_each


def everything():
    """One of each, made anew at every call, no two equal."""
    population = Population(Eigenvalues([2.0, 1.0]), Coefficients([1.0, -1.0]))
    step = Generation((Source(50, 0.3, PREVIOUS), Source(50, 0.3)), Ridge(0.1))
    return [
        Isotropic(3),
        Isotropic(3, 2.0),
        PowerLaw(3, 1.5),
        Levels([2.0, 1.0], [1, 2]),
        Levels([2.0, 1.0], [2, 1]),
        Spiked(3, [4.0], 0.5),
        Eigenvalues([2.0, 1.0]),
        Eigenvalues([1.0, 2.0]),
        Eigenvalues([1.0, 2.0, 3.0]),
        Repeated(Isotropic(3), 2),
        UniformTarget(2.0),
        SourceCondition(0.5),
        Coefficients([2.0, 1.0]),
        GaussianTarget([2.0, 1.0]),
        SharedOut(UniformTarget(2.0), 2),
        Ridge(0.1),
        MinimumNorm(),
        Source(50, 0.3, PREVIOUS),
        Source(50, 0.3, TRUTH),
        PREVIOUS,
        TRUTH,
        ALL,
        step,
        population,
        population.scaled(2),
        replace(population, 2),
        replace(population, 3),
        Chain(population, (step,), UniformTarget(2.0)),
        *labels_and_rows(),
        *fits(),
        *one_of_each(),
    ]


def labels_and_rows():
    halves, offset = ((TRUTH, 0.5), (PREVIOUS, 0.5)), UniformTarget(2.0)
    labels = [LabelledBy(1), LabelledBy(2), Shifted(offset), Shifted(offset, 1), Recorded(1), Recorded(1, 1)]
    labels += [Blend(halves), Blend(halves[::-1]), Lottery(halves)]
    covariates = [FRESH, SameRows(1), SameRows(1, 1), Refitted(1), Refitted(1, rank=1), Perturbed(0.0), Perturbed(0.5)]
    rows = [Source(50, 0.3, covariates=each) for each in covariates[1:]]
    rows += [
        Source(50, 0.3, weight=0.5),
        Source(50, 0.3, covariance=Isotropic(3)),
        Kept(1),
        Kept(1, 1),
        Kept(1, 0, 2.0),
    ]
    return [*labels, *covariates, *rows]


def fits():
    offset = UniformTarget(2.0)
    window, norm = ResidualWindow(offset, -1.0, 1.0), NormWindow(offset, 0.5, 1.0)
    memory = [FORGET, ACCUMULATE, Subsample(5), Subsample(6)]
    selections = [KEEP_ALL, window, norm, TopShare(offset, 0.5), Unreliable(window, 0.5, 0.5), Revise(offset, 1.0, 0.5)]
    selections += [Resample(window, 3), Resample(window, 3, True), Resample(norm, 3)]
    projections = [RandomProjection(5), RandomProjection(5, 0.1), RandomProjection(5, 0.1, False)]
    steps = [Generation((Source(50, 0.3),), Ridge(0.1), memory=each) for each in memory]
    return [*memory, *selections, *projections, *steps]


def test_equal_by_content_and_only_then():
    first, second = everything(), everything()
    for i, left in enumerate(first):
        for j, right in enumerate(second):
            assert (left == right) == (i == j), (left, right)
    assert len({*first, *second}) == len(first)


@pytest.mark.parametrize("value", everything(), ids=lambda value: type(value).__name__)
def test_copies_are_equal(value):
    for twin in (pickle.loads(pickle.dumps(value)), copy.deepcopy(value), copy.copy(value)):
        assert twin == value
        assert hash(twin) == hash(value)


def test_the_way_of_writing_a_number_does_not_matter():
    assert Isotropic(np.int64(3), 2) == Isotropic(3.0, np.float32(2.0))
    assert Eigenvalues([2, 1]) == Eigenvalues(np.array([2.0, 1.0], dtype=np.float32))
    assert Coefficients([0.0]) == Coefficients([-0.0])
    assert Source(5, 0.0) == Source(np.array(5), -0.0)
    assert hash(Source(5, 0.0)) == hash(Source(np.array(5), -0.0))


@pytest.mark.parametrize("value", everything(), ids=lambda value: type(value).__name__)
def test_no_field_can_be_set(value):
    for field in dataclasses.fields(value):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, field.name, 1)
        held = getattr(value, field.name)
        if isinstance(held, np.ndarray):
            with pytest.raises(ValueError, match="read-only"):
                held[0] = 1.0


def test_every_class_is_among_them():
    assert set(PACKAGED.values()) <= {type(value) for value in everything()}
