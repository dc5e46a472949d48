"""Least squares on rows that are disturbed after labelling: against iterated moments, ridge regression, experiments."""

import jax
import numpy as np
import pytest

import modelcollapse as mc
from modelcollapse.theory.evaluation.straight_line import straight_line
from modelcollapse.theory.rules.kind import Kind

FIT = mc.MinimumNorm()
POPULATION = mc.Population(mc.PowerLaw(7, 1.3), mc.UniformTarget(2.0))
COMMON = {"rows": 30, "noise": 0.6, "estimator": FIT}


def test_isotropic_it_is_the_recursion_of_two_numbers():
    """N = E|w|^2 and the overlap with the truth, by hand; a = 1/(1 + delta^2)."""
    dimension, rows, noise, std = 10, 40, 0.5, 0.3
    population = mc.Population(mc.Isotropic(dimension), mc.UniformTarget(1.0))
    found = mc.predict(mc.inject_noise(population, 6, rows, noise, FIT, input=std))
    share, scatter, norm, errors = 1 / (1 + std**2), dimension / (rows - dimension - 1), 1.0, []
    for generation in range(1, 7):
        norm = share**2 * norm + share * (noise**2 + std**2 * share * norm) * scatter
        errors.append(norm - 2 * share**generation + 1)
    np.testing.assert_allclose(found.error, errors, rtol=1e-12)
    assert found.kind == (Kind.EXACT,) * 6
    assert found.limit == pytest.approx(1 + share * noise**2 * scatter / (1 - share**2 * (1 + std**2 * scatter)))


def test_many_rows_make_it_ridge_regression():
    """The effective ridge is delta^2; what remains of the design is of the order of one over the rows."""
    std = 0.4
    many = COMMON | {"rows": 10**9}
    disturbed = mc.predict(mc.inject_noise(POPULATION, 4, **many, input=std)).error
    ridge = mc.predict(mc.replace(POPULATION, 4, 10**9, 0.6, mc.Ridge(std**2))).error
    np.testing.assert_allclose(disturbed, ridge, rtol=1e-7)


def test_no_disturbance_is_least_squares():
    silent = mc.inject_noise(POPULATION, 3, **COMMON, input=[0.2, 0.0, 1e-12])
    steps = [
        *mc.inject_noise(POPULATION, 1, **COMMON, input=0.2).generations,
        *mc.replace(POPULATION, 3, **COMMON).generations[1:],
    ]
    plain = mc.Chain(POPULATION, steps)
    np.testing.assert_allclose(mc.predict(silent).error, mc.predict(plain).error, rtol=1e-12)


def test_theory_and_experiment_agree():
    blend = mc.Blend(((mc.PREVIOUS, 0.7), (mc.TRUTH, 0.3)))
    first = mc.Generation((mc.Source(25, 0.6, covariates=mc.Perturbed(0.5)),), FIT)
    second = mc.Generation((mc.Source(31, 0.4, blend, covariates=mc.Perturbed(0.8)),), FIT)
    third = mc.Generation((mc.Source(28, 0.5, mc.PREVIOUS),), FIT)
    chain = mc.Chain(POPULATION, (first, second, third, second))
    comparison = mc.compare(chain, tolerance=0.03, replicates=16384)
    assert comparison.verdict is mc.Verdict.AGREES
    np.testing.assert_allclose(straight_line(chain), mc.predict(chain).error, rtol=1e-12)


def test_the_shifted_truth_is_shrunk_as_well():
    """Of a fixed offset o the mean keeps A o: endless rows leave |A (w_0 + o) - w_0|^2."""
    offset = mc.Coefficients([0.5, 0.2, 0.0, 0.1, 0.3, 0.0, 0.4])
    population = mc.Population(POPULATION.spectrum, mc.Coefficients([1.0, 0.5, 0.2, 0.3, 0.0, 0.1, 0.2]))
    source = mc.Source(10**10, 0.3, mc.Shifted(offset), covariates=mc.Perturbed(0.4))
    found = mc.predict(mc.Chain(population, (mc.Generation((source,), FIT),))).error[0]
    s = population.spectrum.eigenvalues()
    truth, moved = np.array(population.target.values), np.array(offset.values)
    assert found == pytest.approx(np.sum(s * (s / (s + 0.16) * (truth + moved) - truth) ** 2), rel=1e-7)


def test_the_derivative_in_the_disturbance():
    def last(std):
        return mc.predict(mc.inject_noise(POPULATION, 3, **COMMON, input=std)).error[-1]

    numeric = (last(0.3 + 1e-6) - last(0.3 - 1e-6)) / 2e-6
    with mc.precise():
        assert float(jax.grad(last)(0.3)) == pytest.approx(numeric, rel=1e-6)


def test_the_best_disturbance_is_positive():
    """As a little ridge is: on few noisy rows shrinking helps."""
    errors = [mc.predict(mc.inject_noise(POPULATION, 1, 14, 0.6, FIT, input=std)).error[0] for std in (0.0, 0.3, 3.0)]
    assert errors[1] < errors[0]
    assert errors[1] < errors[2]


def test_directions_without_variance_are_outside():
    hollow = mc.Population(mc.Levels([1.0, 0.0], [5, 2]), mc.UniformTarget())
    with pytest.raises(mc.NoTheorem, match="full rank"):
        mc.predict(mc.inject_noise(hollow, 2, **COMMON, input=0.3))


def test_rows_that_are_not_disturbed_are_fresh():
    """Beside fresh rows, where some directions have no variance, and one row above the rank."""
    hollow = mc.Population(mc.Levels([1.0, 0.0], [5, 2]), mc.UniformTarget())
    still = mc.Source(9, 0.6, mc.PREVIOUS, covariates=mc.Perturbed(0.0))
    plain = mc.Source(9, 0.6, mc.PREVIOUS)
    for sources, fresh in (((still, plain), (plain, plain)), ((still,), (plain,))):
        found, expected = (
            mc.predict(mc.Chain(hollow, (mc.Generation(own, FIT),) * 2)).error for own in (sources, fresh)
        )
        np.testing.assert_array_equal(found, expected)
    assert np.isinf(mc.predict(mc.inject_noise(POPULATION, 2, 8, 0.6, FIT, input=0.0)).error).all()


def test_the_derivation_names_every_disturbance():
    """Generations that differ in nothing else do not share their symbols."""
    derivation = mc.derive(mc.inject_noise(POPULATION, 2, **COMMON, input=[0.2, 0.4]))
    values = {str(symbol): value for symbol, value in derivation.values}
    assert (values["delta_1"], values["delta_2"]) == (0.2, 0.4)
    assert any("Z_g" in step.before for step in derivation.steps)


def test_one_source_or_two_alike():
    one, two = (
        mc.Generation((mc.Source(rows, 0.6, mc.PREVIOUS, covariates=mc.Perturbed(0.5)),) * count, FIT)
        for rows, count in ((30, 1), (15, 2))
    )
    np.testing.assert_allclose(
        mc.predict(mc.Chain(POPULATION, (two,) * 3)).error, mc.predict(mc.Chain(POPULATION, (one,) * 3)).error
    )
