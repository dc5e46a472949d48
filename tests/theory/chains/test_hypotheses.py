"""Neighbours of what theory covers: each is refused, and the hypothesis that fails is named."""

import jax
import numpy as np
import pytest

from modelcollapse.theory.chains.family import reading_of
from modelcollapse.theory.evaluation.differentiation import precise
from modelcollapse.theory.evaluation.limit import limit_of
from modelcollapse.theory.evaluation.prediction import predict
from modelcollapse.theory.problem import (
    ACCUMULATE,
    PREVIOUS,
    Blend,
    Chain,
    Coefficients,
    Generation,
    Isotropic,
    Kept,
    LabelledBy,
    Lottery,
    MinimumNorm,
    NoTheorem,
    Perturbed,
    Population,
    RandomProjection,
    Refitted,
    ResidualWindow,
    Ridge,
    SameRows,
    Shifted,
    Source,
    Subsample,
    UniformTarget,
    replace,
    retain_real,
)
from modelcollapse.theory.problem import TRUTH as REAL
from modelcollapse.theory.rules.kind import Kind
from modelcollapse.theory.statements.derivation import derive
from modelcollapse.theory.statements.expressed import (
    TEST_ERROR_OF_AN_EXPRESSION,
    TEST_ERROR_OF_INDEPENDENT_GENERATIONS,
)
from modelcollapse.theory.statements.ridge_chain import TEST_ERROR_OF_A_CHAIN, TEST_ERROR_OF_A_CHAIN_OF_PROJECTIONS
from modelcollapse.theory.statements.strong_collapse import TEST_ERROR_OF_A_MIXTURE

LEAST_SQUARES, RIDGE = MinimumNorm(), Ridge(0.2)
POPULATION = Population(Isotropic(5), UniformTarget())
OFFSET = Coefficients([0.1, 0.2, 0.3, 0.4, 0.5])
PLAIN = Source(20, 0.3, PREVIOUS)
STORED = Generation((PLAIN,), LEAST_SQUARES, memory=ACCUMULATE)
MIXED = Generation((Source(12, 0.3, REAL), Source(8, 0.3, PREVIOUS)), LEAST_SQUARES)
REAL_ROWS = Generation((Source(12, 0.3, REAL),), LEAST_SQUARES)
WITH_KEPT = Generation((Kept(1), PLAIN), LEAST_SQUARES)
SAMPLED = Generation((Source(300, 0.3, PREVIOUS),), LEAST_SQUARES, memory=Subsample(300))


def chain(*steps, **more):
    return Chain(POPULATION, steps, **more)


def fitted(*sources, estimator=LEAST_SQUARES, **more):
    return Generation(sources, estimator, **more)


def refitted(**changes):
    """Two generations, the second one on rows that are not drawn from the population."""
    return chain(fitted(PLAIN), fitted(Source(**(SOURCE | changes))))


WINDOW = ResidualWindow(OFFSET, -1.0, 1.0)
SOURCE = {"rows": 20, "noise": 0.3, "labels": PREVIOUS}
REFITTED = fitted(Source(**SOURCE, covariates=Refitted(1)))
# name: (chain, words that the refusal must hold)
NEIGHBOURS = {
    # Common ground.
    "an initial offset before a store": (chain(STORED, initial=OFFSET), "sees the rows of its own generation"),
    "a selection from the same rows": (
        chain(fitted(PLAIN), fitted(Source(**SOURCE, covariates=SameRows(1)), selection=WINDOW)),
        "rows are fresh in every generation",
    ),
    "another covariance": (
        chain(fitted(PLAIN), fitted(Source(**SOURCE, covariance=Isotropic(5, 2.0)))),
        "rows have the population's covariance",
    ),
    "some rows disturbed": (
        chain(fitted(PLAIN, Source(**SOURCE, covariates=Perturbed(0.4)))),
        "disturbed by the same amount",
    ),
    "rows disturbed more and less": (
        chain(fitted(*(Source(**SOURCE, covariates=Perturbed(std)) for std in (0.4, 0.5)))),
        "disturbed by the same amount",
    ),
    "few disturbed rows": (
        chain(fitted(Source(6, 0.3, PREVIOUS, covariates=Perturbed(0.4)))),
        "rows >= rank \\+ 2",
    ),
    "several labellers of disturbed rows": (
        chain(
            fitted(PLAIN),
            fitted(*(Source(20, 0.3, labels, covariates=Perturbed(0.4)) for labels in (PREVIOUS, REAL))),
        ),
        "labels disturbed rows",
    ),
    # Refitted covariates.
    "a refitted covariance that is shrunk": (refitted(covariates=Refitted(1, shrink=0.2)), "rescaled at most"),
    "a refitted covariance that is cut": (refitted(covariates=Refitted(1, rank=3)), "rescaled at most"),
    "refitted covariates beside real rows": (
        chain(fitted(PLAIN), fitted(Source(**SOURCE, covariates=Refitted(1)), Source(9, 0.3, REAL))),
        "least squares on one source",
    ),
    "refitted covariates and the same rows": (
        chain(fitted(PLAIN), REFITTED, fitted(Source(**SOURCE, covariates=SameRows(2)))),
        "covariates are drawn from the population",
    ),
    "refitted covariates with few rows": (chain(fitted(Source(4, 0.3, PREVIOUS)), REFITTED), "rows >= rank"),
    "refitted covariates of a shifted truth": (
        refitted(labels=Shifted(OFFSET), covariates=Refitted(1)),
        "no shifted truth",
    ),
    "refitted covariates with a lottery": (
        refitted(labels=Lottery(((REAL, 0.5), (PREVIOUS, 0.5))), covariates=Refitted(1)),
        "one labeller",
    ),
    "refitted covariates in a store": (
        chain(fitted(PLAIN), fitted(Source(**SOURCE, covariates=Refitted(1)), memory=ACCUMULATE)),
        "sees the rows of its own generation",
    ),
    # Stores.
    "a store from the second generation on": (chain(fitted(PLAIN), STORED), "accumulation by least squares"),
    "real rows in a store": (chain(STORED, fitted(Source(20, 0.3, REAL), memory=ACCUMULATE)), "the truth has a share"),
    "few rows in a store": (chain(*[fitted(Source(4, 0.3, PREVIOUS), memory=ACCUMULATE)] * 2), "as many rows as the"),
    "fresh and old rows in a store": (
        chain(STORED, STORED, fitted(Source(**SOURCE, covariates=SameRows(1)), memory=ACCUMULATE)),
        "all fresh or all the same",
    ),
    "weights in a store": (
        chain(STORED, fitted(PLAIN, Source(**SOURCE, weight=2.0), memory=ACCUMULATE)),
        "one weight",
    ),
    # Several labellers.
    "weights with several labellers": (
        chain(REAL_ROWS, fitted(Source(12, 0.3, REAL), Source(8, 0.3, PREVIOUS, weight=0.5))),
        "one weight",
    ),
    "old rows with several labellers": (
        chain(REAL_ROWS, fitted(Source(12, 0.3, PREVIOUS, covariates=SameRows(1)), Source(9, 0.3, REAL))),
        "fresh",
    ),
    "a sample in a mixture": (chain(MIXED, SAMPLED), "one source of fresh rows"),
    # Kept rows.
    "rows kept of generation 2": (chain(REAL_ROWS, fitted(PLAIN), fitted(Kept(2), PLAIN)), "those of generation 1"),
    "kept rows with a shifted truth": (
        chain(fitted(Source(12, 0.3, Shifted(OFFSET))), WITH_KEPT),
        "the truth labels all rows of generation 1",
    ),
    "few kept rows": (chain(fitted(Source(6, 0.3, REAL)), WITH_KEPT), "more kept real rows than rank [+] 1"),
    "kept rows left out once": (chain(REAL_ROWS, WITH_KEPT, fitted(PLAIN)), "keeps the same real rows once"),
    "kept rows twice": (chain(REAL_ROWS, fitted(Kept(1), Kept(1), PLAIN)), "keeps the same real rows once"),
    "kept rows beside blended labels": (
        chain(REAL_ROWS, fitted(Kept(1), Source(20, 0.3, Blend(((REAL, 0.5), (PREVIOUS, 0.5)))))),
        "labelled by the model before",
    ),
    "kept rows alone": (chain(REAL_ROWS, fitted(Kept(1))), "there are fresh ones"),
    "unequal weights beside kept rows": (
        chain(REAL_ROWS, fitted(Kept(1), PLAIN, Source(9, 0.3, PREVIOUS, weight=2.0))),
        "fresh ones of one weight",
    ),
    "unequal weights before kept rows": (
        chain(fitted(Source(12, 0.3, REAL), Source(9, 0.3, REAL, weight=2.0)), WITH_KEPT),
        "all of one weight",
    ),
    # Samples.
    "samples by ridge": (chain(*[fitted(PLAIN, estimator=RIDGE, memory=Subsample(20))] * 2), "by least squares"),
    "samples of another size": (
        chain(*[fitted(Source(300, 0.3, PREVIOUS), memory=Subsample(290))] * 2),
        "same rows and noise",
    ),
    "samples with other noise": (
        chain(SAMPLED, fitted(Source(300, 0.4, PREVIOUS), memory=Subsample(300))),
        "same rows and noise",
    ),
    "samples of real rows": (
        chain(SAMPLED, fitted(Source(300, 0.3, REAL), memory=Subsample(300))),
        "labelled by the model before",
    ),
    "small samples": (chain(*[fitted(PLAIN, memory=Subsample(20))] * 2), "rows per direction"),
    "samples from the second generation on": (
        chain(fitted(Source(300, 0.3, PREVIOUS)), SAMPLED),
        "every generation fits a sample",
    ),
}


@pytest.mark.parametrize("name", NEIGHBOURS)
@pytest.mark.parametrize("read", [predict, derive], ids=["predict", "derive"])
def test_the_hypothesis_that_fails_is_named(name, read):
    neighbour, words = NEIGHBOURS[name]
    with pytest.raises(NoTheorem, match=words) as caught:
        read(neighbour)
    assert "simulate" in caught.value.instead


# Next to statements that need least squares, and derived by the engine because every fit has a penalty.
WITH_PENALTIES = {
    "rows labelled again": chain(
        fitted(PLAIN, estimator=RIDGE), fitted(Source(**SOURCE, covariates=SameRows(1)), estimator=RIDGE)
    ),
    "a store": chain(*[fitted(PLAIN, estimator=RIDGE, memory=ACCUMULATE)] * 2),
    "an earlier model": chain(
        *[fitted(PLAIN, estimator=RIDGE)] * 2, fitted(Source(20, 0.3, LabelledBy(1)), estimator=RIDGE)
    ),
    "kept rows": chain(fitted(*REAL_ROWS.sources, estimator=RIDGE), fitted(Kept(1), PLAIN, estimator=RIDGE)),
    "an initial offset before a projection": chain(fitted(PLAIN, estimator=RandomProjection(3, 0.2)), initial=OFFSET),
    "another covariance": chain(fitted(Source(**SOURCE, covariance=Isotropic(5, 2.0)), PLAIN, estimator=RIDGE)),
    "perturbed covariates": chain(fitted(Source(**SOURCE, covariates=Perturbed(0.4)), estimator=RIDGE)),
    "refitted covariates": chain(
        fitted(PLAIN, estimator=RIDGE), fitted(Source(**SOURCE, covariates=Refitted(1)), estimator=RIDGE)
    ),
    "weights": chain(fitted(PLAIN, Source(**SOURCE, weight=2.0), estimator=RIDGE)),
}
DEPENDENT = (
    "rows labelled again",
    "a store",
    "an earlier model",
    "kept rows",
    "refitted covariates",
)


@pytest.mark.parametrize("name", WITH_PENALTIES)
def test_with_a_penalty_in_every_fit_the_engine_derives_it(name):
    covered = WITH_PENALTIES[name]
    prediction = predict(covered)
    dependent = name in DEPENDENT  # by the names of the matrices alone
    assert prediction.theorem is (TEST_ERROR_OF_AN_EXPRESSION if dependent else TEST_ERROR_OF_INDEPENDENT_GENERATIONS)
    assert (prediction.error > 0).all()
    np.testing.assert_allclose(prediction.by_mode.sum(axis=1), prediction.error, rtol=1e-12)
    np.testing.assert_allclose(prediction.by_generation.sum(axis=1), prediction.variance, rtol=1e-12)
    assert str(derive(covered).result.lhs) == f"E_{len(covered)}"


# By one-step rules: the labellers' mean labels the rows, and what they disagree about is label noise.
BY_RULES = {
    "a random projection": (
        chain(*[fitted(PLAIN, estimator=RandomProjection(3, 0.1))] * 2),
        TEST_ERROR_OF_A_CHAIN_OF_PROJECTIONS,
    ),
    "several labellers": (chain(*[fitted(*MIXED.sources, estimator=RIDGE)] * 2), TEST_ERROR_OF_A_CHAIN),
    "a shifted truth": (
        chain(fitted(Source(12, 0.3, Shifted(OFFSET)), PLAIN, estimator=RIDGE)),
        TEST_ERROR_OF_A_MIXTURE,
    ),
}


@pytest.mark.parametrize("name", BY_RULES)
def test_fresh_rows_of_one_weight_are_covered_by_rules(name):
    covered, theorem = BY_RULES[name]
    prediction = predict(covered)
    assert prediction.theorem is theorem
    np.testing.assert_allclose(prediction.by_mode.sum(axis=1), prediction.error, rtol=1e-12)
    np.testing.assert_allclose(prediction.by_generation.sum(axis=1), prediction.variance, rtol=1e-12)
    assert str(derive(covered).result.lhs) == f"E_{len(covered)}"


def test_a_kept_projection_is_a_ridge_chain_on_its_spectrum():
    covered = chain(*[fitted(PLAIN, estimator=RandomProjection(3, 0.1, redraw=False))] * 2)
    prediction = predict(covered)
    assert prediction.theorem is TEST_ERROR_OF_A_CHAIN
    assert (prediction.error > 0).all()
    np.testing.assert_allclose(prediction.by_generation.sum(axis=1), prediction.variance, rtol=1e-9)
    assert str(derive(covered).steps[0].rule) == "spectrum of a kept projection"


@pytest.mark.parametrize(("real", "synthetic"), [(3, 3), (2, 2)])
def test_few_rows_with_several_labellers_are_no_longer_exact(real, synthetic):
    """Rows within 1 of the rank have an infinite error; fewer ones an equivalent."""
    few = predict(chain(REAL_ROWS, fitted(Source(real, 0.3, REAL), Source(synthetic, 0.3, PREVIOUS))))
    assert np.isinf(few.error[1]) == (abs(real + synthetic - 5) <= 1)
    assert few.kind[1] is Kind.EQUIVALENT


COVERED = (
    chain(STORED, STORED),
    chain(MIXED, MIXED),
    chain(REAL_ROWS, WITH_KEPT),
    chain(SAMPLED, SAMPLED),
    chain(fitted(PLAIN), fitted(Source(**SOURCE, covariates=SameRows(1)))),
    chain(REAL_ROWS, fitted(Source(12, 0.3, REAL, weight=0.5), Source(8, 0.3, PREVIOUS, weight=0.5))),
)


@pytest.mark.parametrize("covered", COVERED)
def test_what_is_next_to_them_is_covered(covered):
    assert predict(covered).error.shape == (2,)
    assert str(derive(covered).result.lhs) == "E_2"


@pytest.mark.parametrize(
    "without",
    [
        retain_real(POPULATION, 3, [20, 21, 22], 0.3, LEAST_SQUARES, share=0.4),
        retain_real(POPULATION, 3, 40, 0.3, LEAST_SQUARES, share=0.4, same_rows=True),
        chain(STORED),  # one generation does not say how it goes on
        replace(POPULATION, 1, 20, 0.3, LEAST_SQUARES),
        chain(REAL_ROWS, REAL_ROWS),  # afresh every time: nothing grows
        chain(fitted(PLAIN), REAL_ROWS),
        chain(STORED, STORED, fitted(Source(21, 0.3, PREVIOUS), memory=ACCUMULATE)),
    ],
)
def test_limits_are_for_equal_generations_of_least_squares(without):
    with pytest.raises(NoTheorem, match="limit"):
        limit_of(without)


def test_under_a_transform_noises_are_not_known_to_be_equal():
    def limit(noise):
        return limit_of(replace(POPULATION, 3, 20, noise, LEAST_SQUARES))

    with precise(), pytest.raises(NoTheorem, match="noises of a transform"):
        jax.grad(limit)(0.3)


def test_a_chain_with_kept_rows_is_read_by_where_they_come_from():
    """Rows kept as kept rows are traced back to the generation that generated them."""
    again = chain(REAL_ROWS, WITH_KEPT, WITH_KEPT)
    assert reading_of(again).rows == 12
    assert len(reading_of(again).steps) == 2
