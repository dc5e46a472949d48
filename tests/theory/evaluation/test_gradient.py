"""Derivatives of errors, asked for from the float32 world that users live in."""

import warnings

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from modelcollapse.theory.evaluation.differentiation import gradient, precise
from modelcollapse.theory.evaluation.inputs import Float32Warning
from modelcollapse.theory.evaluation.prediction import predict
from modelcollapse.theory.problem import (
    Chain,
    Coefficients,
    Eigenvalues,
    Isotropic,
    MinimumNorm,
    NotCertified,
    Population,
    PowerLaw,
    Ridge,
    SourceCondition,
    SpecificationError,
    UniformTarget,
    replace,
)

from .. import reference
from ..market import DIMENSION, RIDGE, TRUTH, Fit

ROWS = (9, 23, 12)
PENALTIES, NOISE = (0.02, 3e-4, 0.11), (0.3, 0.7, 0.45)
EIGENVALUES = RIDGE["many rows"].s
POINT = np.r_[PENALTIES, NOISE, EIGENVALUES]


def build(x):
    """A chain from one array: three penalties, three noises, twelve eigenvalues."""
    population = Population(Eigenvalues(x[6:]), Coefficients(TRUTH))
    return replace(population, 3, rows=ROWS, noise=[*x[3:6]], estimator=[Ridge(penalty) for penalty in x[:3]])


def exact_derivative(position):
    """Central difference of the reference, with a step far below float64."""
    with reference.mp.workdps(60):
        step = reference.mpf(10) ** -20

        def error(shift):
            x = [reference.mpf(value) for value in POINT]
            x[position] = x[position] * (1 + shift)
            fits = [Fit(n, penalty, sigma) for n, penalty, sigma in zip(ROWS, x[:3], x[3:6], strict=True)]
            return reference.chain(x[6:], TRUTH**2, fits).total[-1]

        return float((error(step) - error(-step)) / (2 * step * reference.mpf(POINT[position])))


@pytest.fixture(scope="module")
def derivative():
    assert not jax.config.jax_enable_x64
    return gradient(build)(POINT)


def test_gradient_is_float64_and_has_the_shape_of_its_argument(derivative):
    assert isinstance(derivative, np.ndarray)
    assert derivative.dtype == np.float64
    assert derivative.shape == POINT.shape


@pytest.mark.parametrize("position", range(6 + DIMENSION))
def test_gradient_against_central_differences_of_predictions(derivative, position):
    """Every penalty, every noise, every eigenvalue."""
    step = 1e-5 * POINT[position]
    shift = np.eye(len(POINT))[position] * step
    difference = (predict(build(POINT + shift)).error[-1] - predict(build(POINT - shift)).error[-1]) / (2 * step)
    assert derivative[position] == pytest.approx(difference, rel=1e-6)


@pytest.mark.parametrize("position", [0, 1, 2, 3, 5, 6, 11, 17])
def test_gradient_against_many_digits(derivative, position):
    assert derivative[position] == pytest.approx(exact_derivative(position), rel=1e-10)


def test_gradient_of_an_earlier_generation(derivative):
    first = gradient(build, generation=1)(POINT)
    assert np.all(first[[1, 2, 4, 5]] == 0)  # later penalties and noises come too late
    assert first[3] == pytest.approx(2 * predict(build(POINT)).variance[0] / NOISE[0], rel=1e-12)
    np.testing.assert_array_equal(gradient(build, generation=3)(POINT), derivative)


def test_gradient_by_a_number_is_a_number():
    """d/d sigma of the exact error of least squares."""
    population = Population(Isotropic(12), UniformTarget(2.6))
    found = gradient(lambda x: replace(population, 3, rows=30, noise=x, estimator=MinimumNorm()))(0.7)
    assert found.shape == ()
    assert found == pytest.approx(3 * 2 * 0.7 * 12 / 17, rel=1e-12)


def test_gradient_by_the_truth():
    """The error is quadratic in the truth: w . dE/dw = 2 bias."""
    problem = RIDGE["many rows"]

    def by_truth(x):
        return Chain(Population(Eigenvalues(problem.s), Coefficients(x)), problem.chain.generations)

    assert TRUTH @ gradient(by_truth)(TRUTH) == pytest.approx(2 * predict(problem.chain).bias[-1], rel=1e-12)


def test_gradient_by_the_laws_of_spectrum_and_truth():
    """Scale and exponent of the spectrum, exponent and scale of the source condition."""

    def by_laws(x):
        return replace(
            Population(PowerLaw(12, x[0], x[1]), SourceCondition(x[2], x[3])),
            3,
            rows=ROWS,
            noise=NOISE,
            estimator=[Ridge(penalty) for penalty in PENALTIES],
        )

    point = np.array([1.3, 0.7, 0.4, 2.2])
    found = gradient(by_laws)(point)
    for position, step in enumerate(np.diag(1e-5 * point)):
        difference = predict(by_laws(point + step)).error[-1] - predict(by_laws(point - step)).error[-1]
        assert found[position] == pytest.approx(difference / (2 * step[position]), rel=1e-6)


def test_the_noise_does_not_need_to_be_positive():
    point = POINT.copy()
    point[3:6] = 0.0
    found = gradient(build)(point)
    assert np.all(np.isfinite(found))
    assert found[3:6].tolist() == [0, 0, 0]


@pytest.mark.parametrize("argument", [np.nan, np.inf, "a", None, [[0.1, 0.2]], [], True, 1j])
def test_arguments_that_are_no_numbers_are_refused(argument):
    with pytest.raises(SpecificationError):
        gradient(lambda x: replace(RIDGE["steep"].chain.population, 3, rows=20, estimator=Ridge(x)))(argument)


@pytest.mark.parametrize("builder", [None, 3, RIDGE["steep"].chain])
def test_builders_that_cannot_be_called_are_refused(builder):
    with pytest.raises(SpecificationError) as caught:
        gradient(builder)
    assert caught.value.field == "chain_builder"


def test_builders_that_build_something_else_are_refused():
    with pytest.raises(SpecificationError, match="chain_builder"):
        gradient(lambda x: x)(0.3)


@pytest.mark.parametrize("generation", [0, 4, -2, 1.5, "last"])
def test_generations_that_do_not_exist_are_refused(generation):
    with pytest.raises(SpecificationError) as caught:
        gradient(build, generation=generation)(POINT)
    assert caught.value.field == "generation"


def test_an_infinite_risk_has_no_derivative():
    population = RIDGE["steep"].chain.population
    with pytest.raises(NotCertified):
        gradient(lambda x: replace(population, 3, rows=12, noise=x, estimator=MinimumNorm()))(0.3)


def last_error(x):
    return predict(build(x)).error[-1]


def test_by_hand_in_a_precise_context(derivative):
    """jax.grad, jit and vmap compose around `predict`."""
    with precise():
        batch = jnp.asarray(np.stack([POINT, 1.3 * POINT]))
        by_hand = jax.jit(jax.vmap(jax.value_and_grad(last_error)))(batch)
        errors, gradients = (np.asarray(part) for part in by_hand)
    assert gradients.dtype == np.float64
    np.testing.assert_allclose(gradients[0], derivative, rtol=1e-11)
    expected = [predict(build(POINT)).error[-1], predict(build(1.3 * POINT)).error[-1]]
    np.testing.assert_allclose(errors, expected, rtol=1e-12)


@pytest.mark.parametrize("transform", [jax.grad, jax.jacfwd, jax.jit])
def test_a_float32_tracer_is_reported(transform):
    """In the world that users live in, float32 with ordinary promotion: the input is rounded, the rest is right."""

    def by_penalty(x):
        return predict(RIDGE["steep"].chain.with_(penalty=x)).error[-1]

    with jax.numpy_dtype_promotion("standard"), pytest.warns(Float32Warning, match="precise"):
        found = transform(by_penalty)(0.3)
    with precise():
        expected = transform(by_penalty)(jnp.asarray(0.3))
    np.testing.assert_allclose(float(found), float(expected), rtol=1e-6)


def test_a_float64_tracer_is_not():
    with warnings.catch_warnings(), precise():
        warnings.simplefilter("error")
        jax.eval_shape(last_error, jnp.asarray(POINT))
