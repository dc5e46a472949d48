"""Chains side by side with common random numbers."""

import json

import numpy as np
import pytest

from modelcollapse.numerics.arms import compare_arms
from modelcollapse.numerics.sampling import NAIVE, SUFFICIENT_STATISTICS
from modelcollapse.numerics.sampling.choice import choose
from modelcollapse.numerics.simulation import simulate
from modelcollapse.theory.problem import (
    Isotropic,
    MinimumNorm,
    Population,
    ResidualWindow,
    Ridge,
    SpecificationError,
    UniformTarget,
    replace,
    verify,
)

POPULATION = Population(Isotropic(20), UniformTarget())
CHAIN = replace(POPULATION, 2, rows=50, noise=0.5, estimator=Ridge(0.1))


@pytest.fixture(scope="module")
def arms():
    return compare_arms({"0.1": CHAIN, "0.11": CHAIN.with_(penalty=0.11)}, 200, seed=3)


def test_arms_of_several_kinds_share_a_sampler_that_is_exact_for_all():
    least_squares, noisy = CHAIN.with_(estimator=MinimumNorm()), CHAIN.with_(noise=0.31)
    shared = {one.sampler for one in compare_arms([least_squares, noisy], 64).simulations.values()}
    assert len(shared) == 1
    assert shared.pop().startswith(choose(noisy)[0].title)


@pytest.mark.parametrize("sampler", [NAIVE, SUFFICIENT_STATISTICS])
def test_common_random_numbers_save_a_hundred_times_the_replicates(sampler):
    """lambda against 1.1 lambda: the variance of the difference falls by at least 100."""
    arms = compare_arms([CHAIN, CHAIN.with_(penalty=0.11)], 200, sampler=sampler)
    assert np.all(arms.variance_ratio("arm 2") >= 100)


@pytest.mark.parametrize("dimension", [40, 60])
def test_an_arm_with_a_verifier_shares_the_rows_of_one_without(dimension):
    plain = replace(Population(Isotropic(dimension), UniformTarget()), 2, 3 * dimension, 0.5, Ridge(0.1))
    lenient = verify(plain, ResidualWindow(UniformTarget(0.2), -2.5, 2.5))
    arms = compare_arms({"plain": plain, "judged": lenient}, 128, seed=4)
    assert np.all(arms.variance_ratio("judged") > 10)


def test_an_arm_is_the_simulation_with_the_same_seed(arms):
    alone = simulate(CHAIN, 200, seed=3)
    assert np.array_equal(arms.simulations["0.1"].errors, alone.errors)


def test_the_difference_is_paired(arms):
    paired = arms.simulations["0.11"].errors - arms.simulations["0.1"].errors
    mean, error = arms.difference("0.11")
    np.testing.assert_allclose(mean, np.mean(paired, axis=0))
    np.testing.assert_allclose(error, np.std(paired, axis=0, ddof=1) / np.sqrt(200))
    assert [value.tolist() for value in arms.difference("0.1")] == [[0.0, 0.0], [0.0, 0.0]]


def test_the_best_arm_has_the_least_mean(arms):
    means = {name: simulation.mean[0] for name, simulation in arms.simulations.items()}
    assert arms.best(1) == min(means, key=means.get)


def test_arms_print_and_convert(arms):
    record = json.loads(arms.to_json())
    assert record == arms.to_dict()
    assert set(record["arms"]) == {"0.1", "0.11"}
    assert "0.11" in str(arms)
    assert arms._repr_html_().startswith("<table>")


@pytest.mark.parametrize(
    ("field", "chains"),
    [
        ("chains", []),
        ("chains", {}),
        ("chains", "chain"),
        ("chains", None),
        ("chains", [CHAIN, 3]),
        ("chains", {1: CHAIN}),
        ("chains", [CHAIN, replace(POPULATION, 3, rows=50)]),
    ],
)
def test_impossible_arms_are_refused_by_name(field, chains):
    with pytest.raises(SpecificationError, match=f"^{field}"):
        compare_arms(chains, 4)


def test_unknown_names_and_generations_are_refused(arms):
    with pytest.raises(SpecificationError, match=r"^name"):
        arms.difference("0.2")
    with pytest.raises(SpecificationError, match=r"^generation"):
        arms.best(3)
