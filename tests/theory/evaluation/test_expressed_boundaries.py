"""Chains read as expressions where a careless reading would be silently wrong."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sympy

import modelcollapse as mc
from modelcollapse.theory import Model, derive, ridge, risk

FIT = mc.Ridge(0.1)
TRUTH = mc.Coefficients([1.0, 0.5, -0.7, 0.3, 0.2, 0.6, -0.1, 0.4])
POPULATION = mc.Population(mc.PowerLaw(8, 1.2), TRUTH)


def fitted(*sources, estimator=FIT):
    return mc.Generation(sources, estimator)


def chain(*steps, population=POPULATION):
    return mc.Chain(population, steps)


def test_symbols_of_the_user_and_letters_of_numbers_stay_apart():
    """The house's own letters are what a user writes: n rows here and 50 there are two things."""
    n, sigma = sympy.symbols("n sigma", positive=True)
    second = fitted(mc.Source(50, 0.3, mc.PREVIOUS), mc.Source(50, 0.3, weight=0.5))
    values = dict(mc.derive(chain(fitted(mc.Source(n, 0.3)), second)).values)
    assert sorted(map(str, values.values())) == ["0.1", "0.3", "0.5", "50", "8", "n"]
    noises = dict(mc.derive(chain(fitted(mc.Source(50, sigma)), second)).values)
    assert {"sigma", "0.3"} <= set(map(str, noises.values()))
    with pytest.raises(mc.SpecificationError, match="symbol: got s; allowed: another name"):
        mc.derive(chain(fitted(mc.Source(50, 0.3), estimator=mc.Ridge(sympy.Symbol("s"))), second))


def test_a_letter_has_one_meaning():
    m = Model()
    design = m.design("X", "T")
    with pytest.raises(mc.SpecificationError, match="letter: got 's'; allowed: one meaning"):
        derive(risk(ridge(design, design @ m.truth + m.noise("s"), "lambda")))


@pytest.mark.parametrize("again", [{}, {"covariates": mc.SameRows(1)}], ids=["fresh rows", "same rows"])
def test_second_derivatives_are_derivatives_of_the_first(again):
    def error(penalty):
        weighted = () if again else (mc.Source(6, 0.2, weight=0.5),)
        steps = (
            fitted(mc.Source(16, 0.3), estimator=mc.Ridge(penalty)),
            fitted(mc.Source(16, 0.3, mc.PREVIOUS, **again), *weighted, estimator=mc.Ridge(penalty)),
        )
        return mc.predict(chain(*steps)).error[-1]

    with mc.precise():
        slope, step = jax.grad(error), 1e-4
        quotient = (slope(0.1 + step) - slope(0.1 - step)) / (2 * step)
        np.testing.assert_allclose(jax.grad(slope)(0.1), quotient, rtol=1e-3)


def test_noise_of_a_model_before_the_last_is_credited_to_its_generation():
    steps = (
        fitted(mc.Source(12, 0.3)),
        fitted(mc.Source(14, 0.0)),
        fitted(mc.Source(16, 0.4, mc.LabelledBy(1))),
    )
    injected = mc.predict(chain(*steps)).by_generation
    assert injected[2, 0] > 0
    assert injected[2, 1] == 0
    np.testing.assert_allclose(injected.sum(axis=1), mc.predict(chain(*steps)).variance, rtol=1e-12)


def test_an_effective_ridge_is_shown_where_it_is_that_of_the_fit():
    """g copies of the same rows are no g n rows."""
    prediction = mc.predict(mc.accumulate(POPULATION, 3, 12, 0.3, FIT, same_rows=True))
    assert np.isfinite(prediction.effective_ridge).tolist() == [True, False, False]
    weighted = fitted(mc.Kept(1, weight=0.01), mc.Source(10, 0.4, mc.PREVIOUS))
    assert np.isnan(mc.predict(chain(fitted(mc.Source(12, 0.3)), weighted)).effective_ridge[1])


def test_the_norm_of_a_projection_is_not_given_where_directions_are_left_out():
    singular = mc.Population(mc.Levels((1.5, 0.7, 0.0), (2, 2, 4)), TRUTH)
    projected = fitted(mc.Source(12, 0.3), estimator=mc.RandomProjection(7, 0.1))
    assert np.isnan(mc.predict(chain(projected, population=singular)).norm).all()
    assert np.isfinite(mc.predict(chain(projected)).norm).all()


def test_a_truth_and_an_offset_that_cancel_are_refused():
    single = mc.Population(mc.Isotropic(1), mc.Coefficients([1.0]))
    shifted = fitted(mc.Source(10**9, 0.0, mc.Shifted(mc.Coefficients([0.1]))))
    whole = chain(shifted, population=single)
    with pytest.raises(mc.NotCertified, match="amplified"):
        mc.predict(whole)
    with mc.precise():
        assert np.isnan(jax.jit(lambda noise: mc.predict(whole.with_(noise=noise)).error)(0.0)).all()


def test_rows_next_to_the_rank_of_what_they_reach_keep_their_digits():
    """Directions that only another source reaches do not count, however small the penalty is."""
    spectrum = mc.Eigenvalues((1.5, 1.0, 0.7, 0.5, 0.3) + (0.0,) * 40)
    own = mc.Eigenvalues(np.linspace(1.0, 0.5, 45))
    population = mc.Population(spectrum, mc.UniformTarget())

    def error(penalty):
        first = fitted(mc.Source(50, 0.3, covariance=own), estimator=mc.Ridge(0.1))
        return mc.predict(
            chain(first, fitted(mc.Source(5, 0.3, mc.PREVIOUS), estimator=mc.Ridge(penalty)), population=population)
        ).error[1]

    # The error grows like penalty^(-1/2) next to rows = rank.
    assert error(1e-24) / error(1e-20) == pytest.approx(100.0, rel=1e-6)


def test_long_spectra_and_tiny_penalties_are_predicted():
    population = mc.Population(mc.PowerLaw(1500, 1.5), mc.SourceCondition(0.5))
    tiny = mc.Ridge(1e-8)
    second = fitted(mc.Source(1000, 0.3), mc.Source(500, 0.2, mc.PREVIOUS), estimator=tiny)
    assert np.isfinite(
        mc.predict(chain(fitted(mc.Source(1000, 0.3), estimator=tiny), second, population=population)).error
    ).all()


def test_penalties_of_projections_may_be_traced():
    def error(penalty):
        return mc.predict(chain(fitted(mc.Source(12, 0.3), estimator=mc.RandomProjection(7, penalty)))).error[0]

    with mc.precise():
        together = jax.vmap(error)(jnp.array([0.1, 0.2]))
    np.testing.assert_allclose(together, [error(0.1), error(0.2)], rtol=1e-12)


def test_rows_that_are_not_disturbed_are_plain_rows():
    plain, disturbed = (mc.Source(30, 0.3, **law) for law in ({}, {"covariates": mc.Perturbed(0.0)}))
    np.testing.assert_allclose(
        mc.predict(chain(fitted(disturbed))).error, mc.predict(chain(fitted(plain))).error, rtol=1e-12
    )


@pytest.mark.parametrize(
    ("letter", "value"), [("s", -np.ones(8)), ("theta", -np.ones(8)), ("lambda", 0.0), ("lambda", -0.1)]
)
def test_impossible_values_are_refused_by_their_letter(letter, value):
    m = Model()
    design = m.design("X", "T")
    derived = derive(risk(ridge(design, design @ m.truth + m.noise("sigma"), "lambda")))
    numbers = {"T": 12.0, "sigma": 0.3, "lambda": 0.1, "s": np.ones(8), "theta": np.ones(8), letter: value}
    with pytest.raises(mc.SpecificationError, match=f"^{letter}: "):
        derived(**numbers)
