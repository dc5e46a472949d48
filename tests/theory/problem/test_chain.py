"""Chains: what `with_` and `scaled` change, and what they leave alone."""

import dataclasses

import numpy as np
import pytest

from modelcollapse.theory.problem import (
    ALL,
    PREVIOUS,
    TRUTH,
    Chain,
    Coefficients,
    Eigenvalues,
    GaussianTarget,
    Generation,
    Isotropic,
    MinimumNorm,
    Population,
    PowerLaw,
    Ridge,
    Source,
    SourceCondition,
    SpecificationError,
    Spiked,
    UniformTarget,
    replace,
)

POPULATION = Population(Eigenvalues([4.0, 0.5, 2.0]), Coefficients([1.0, -2.0, 3.0]))
MIXED = Generation((Source(60, 0.1, TRUTH), Source(40, 0.2, PREVIOUS)), MinimumNorm())


def three():
    return replace(POPULATION, generations=3, rows=[10, 20, 30], noise=[0.1, 0.2, 0.3], estimator=Ridge(0.5))


def seen(chain):
    return [(step.rows, step.sources[0].noise, step.estimator) for step in chain.generations]


def test_lists_are_read_as_tuples():
    chain = Chain(POPULATION, [Generation([Source(5, 0.1)], Ridge(0.1))])
    assert isinstance(chain.generations, tuple)
    assert isinstance(chain.generations[0].sources, tuple)
    assert len(chain) == 1


def test_rows_of_a_generation_are_pooled():
    assert MIXED.rows == 100


@pytest.mark.parametrize("generation", [1, 2, 3])
def test_one_generation_changes_and_no_other(generation):
    before = three()
    after = before.with_(generation=generation, noise=0.7, rows=15, estimator=MinimumNorm())
    for g, (old, new) in enumerate(zip(seen(before), seen(after), strict=True), start=1):
        assert new == ((15, 0.7, MinimumNorm()) if g == generation else old)
    assert before == three()
    assert after.population is before.population


def test_all_generations_change_by_default():
    assert seen(three().with_(penalty=0.25, noise=0.0)) == [(n, 0.0, Ridge(0.25)) for n in (10, 20, 30)]
    assert three().with_(generation=ALL, rows=9) == three().with_(rows=9)


def test_nothing_changes_without_changes():
    assert three().with_() == three()


def test_noise_reaches_every_source_and_labels_stay():
    chain = Chain(POPULATION, (MIXED,)).with_(noise=0.9)
    assert chain.generations[0].sources == (Source(60, 0.9, TRUTH), Source(40, 0.9, PREVIOUS))


def test_another_population():
    other = Population(Isotropic(3), UniformTarget())
    assert three().with_(population=other) == Chain(other, three().generations)


def test_ambiguous_changes_are_refused():
    with pytest.raises(SpecificationError, match="single source") as caught:
        Chain(POPULATION, (MIXED,)).with_(rows=5)
    assert caught.value.field == "rows"
    with pytest.raises(SpecificationError, match="not both"):
        three().with_(penalty=0.1, estimator=Ridge(0.1))
    with pytest.raises(SpecificationError, match="from 1 to 3"):
        three().with_(generation=4, noise=0.1)


@pytest.mark.parametrize("times", [2, 5])
@pytest.mark.parametrize(
    "population",
    [
        POPULATION,
        Population(PowerLaw(4, 1.5, 2.0), SourceCondition(0.3, 1.7)),
        Population(Spiked(5, [7.0], bulk=0.5), UniformTarget(3.0)),
        Population(Isotropic(3), GaussianTarget([0.5, 2.0, 0.0])),
    ],
    ids=repr,
)
def test_scaling_keeps_the_energy_and_multiplies_the_trace(population, times):
    large = population.scaled(times)
    s, w2 = population.spectrum.eigenvalues(), population.target.second_moments(population.spectrum)
    big_s, big_w2 = large.spectrum.eigenvalues(), large.target.second_moments(large.spectrum)
    assert large.dimension == times * population.dimension
    np.testing.assert_array_equal(big_s, np.repeat(s, times))
    np.testing.assert_allclose(big_s @ big_w2, s @ w2, rtol=1e-14)


def test_scaling_multiplies_rows_and_nothing_else():
    chain = Chain(POPULATION, (MIXED, *three().generations))
    large = chain.scaled(4)
    assert [[source.rows for source in step.sources] for step in large.generations] == [[240, 160], [40], [80], [120]]
    assert [step.estimator for step in large.generations] == [step.estimator for step in chain.generations]
    for old, new in zip(chain.generations, large.generations, strict=True):
        kept = [dataclasses.replace(source, rows=1) for source in old.sources]
        assert [dataclasses.replace(source, rows=1) for source in new.sources] == kept


def test_scaling_by_one_is_the_chain_itself_and_scaling_twice_multiplies():
    assert three().scaled(1) == three()
    twice, once = three().scaled(2).scaled(3), three().scaled(6)
    assert twice.generations == once.generations
    spectra = [chain.population.spectrum.eigenvalues() for chain in (twice, once)]
    np.testing.assert_array_equal(*spectra)
    moments = [chain.population.target.second_moments(chain.population.spectrum) for chain in (twice, once)]
    np.testing.assert_allclose(*moments, rtol=1e-14)
