"""Policies are short names: each equals the chain that is written out by hand."""

import jax.numpy as jnp
import numpy as np
import pytest

from modelcollapse.theory.problem import (
    PREVIOUS,
    Chain,
    Generation,
    Isotropic,
    MinimumNorm,
    Population,
    Ridge,
    Source,
    SpecificationError,
    UniformTarget,
    demystified,
    grow,
    replace,
)

POPULATION = Population(Isotropic(9), UniformTarget(2.0))


def by_hand(*steps):
    return Chain(POPULATION, tuple(Generation((Source(n, s, PREVIOUS),), e) for n, s, e in steps))


def test_replace_is_fresh_rows_with_labels_of_the_model_before():
    chain = replace(POPULATION, generations=3, rows=40, noise=0.2, estimator=MinimumNorm())
    assert chain == by_hand(*[(40, 0.2, MinimumNorm())] * 3)


@pytest.mark.parametrize(
    "sequence", [list, tuple, np.array, lambda values: jnp.array(values)], ids=["l", "t", "n", "j"]
)
def test_scalars_may_be_sequences(sequence):
    chain = replace(POPULATION, 3, rows=sequence([10, 20, 30]), noise=sequence([0.5, 0.25, 0.125]), estimator=Ridge(2))
    assert chain == by_hand((10, 0.5, Ridge(2)), (20, 0.25, Ridge(2)), (30, 0.125, Ridge(2)))


def test_estimators_may_change_from_generation_to_generation():
    estimators = [Ridge(0.1), MinimumNorm(), Ridge(0.3)]
    chain = replace(POPULATION, 3, rows=40, noise=0.2, estimator=estimators)
    assert [step.estimator for step in chain.generations] == estimators


@pytest.mark.parametrize("length", [1, 2, 4])
@pytest.mark.parametrize("field", ["rows", "noise", "estimator"])
def test_sequences_of_another_length_are_refused(field, length):
    values = {"rows": 10, "noise": 0.1, "estimator": Ridge(0.1)}
    with pytest.raises(SpecificationError, match="one per generation") as caught:
        replace(POPULATION, 3, **{**values, field: [values[field]] * length})
    assert caught.value.field == field


def test_grow_asks_for_the_rows_of_each_generation():
    chain = grow(POPULATION, generations=3, rows=lambda g: 7 * g**2, noise=0.2, estimator=Ridge(0.1))
    assert chain == by_hand((7, 0.2, Ridge(0.1)), (28, 0.2, Ridge(0.1)), (63, 0.2, Ridge(0.1)))


def test_demystified_is_generators_and_one_downstream_fit():
    arms = {"generator_rows": 30, "generator_noise": 0.2, "rows": 20, "noise": 0.1, "estimator": Ridge(0.7)}
    assert demystified(POPULATION, generators=2, **arms) == by_hand(
        (30, 0.2, MinimumNorm()), (30, 0.2, MinimumNorm()), (20, 0.1, Ridge(0.7))
    )
    assert demystified(POPULATION, generators=0, **arms) == by_hand((20, 0.1, Ridge(0.7)))


def test_generators_may_differ():
    chain = demystified(
        POPULATION,
        generators=2,
        generator_rows=(30, 40),
        generator_noise=[0.2, 0.3],
        rows=20,
        noise=0.1,
        estimator=MinimumNorm(),
        generator_estimator=[Ridge(0.5), MinimumNorm()],
    )
    assert chain == by_hand((30, 0.2, Ridge(0.5)), (40, 0.3, MinimumNorm()), (20, 0.1, MinimumNorm()))


def test_a_million_equal_generations_cost_little():
    chain = replace(POPULATION, generations=10**6)
    assert len(chain) == 10**6
    assert len({id(step) for step in chain.generations}) == 1
