"""A chain may hold SymPy symbols and JAX tracers: they pass the checks, and derivatives and batches come out right."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sympy

from modelcollapse.theory.problem import (
    PREVIOUS,
    Coefficients,
    Eigenvalues,
    GaussianTarget,
    Generation,
    Isotropic,
    Levels,
    Population,
    PowerLaw,
    Repeated,
    Ridge,
    Source,
    SourceCondition,
    SpecificationError,
    Spiked,
    UniformTarget,
    replace,
)

K = jnp.arange(1.0, 6.0)


def test_a_chain_of_symbols_holds_the_symbols():
    n, sigma, penalty = sympy.symbols("n sigma lambda", positive=True)
    population = Population(Isotropic(5, sympy.Symbol("s")), UniformTarget(sympy.Symbol("t")))
    chain = replace(population, generations=2, rows=n, noise=sigma, estimator=Ridge(penalty))
    step = chain.generations[1]
    assert (step.rows, step.sources[0].noise, step.estimator.penalty) == (n, sigma, penalty)
    assert chain == replace(population, generations=2, rows=n, noise=sigma, estimator=Ridge(penalty))
    assert hash(chain) == hash(chain.with_(noise=sigma))
    assert chain.scaled(3).generations[0].rows == 3 * n


def test_symbols_of_two_sources_add_up():
    a, b = sympy.symbols("a b", integer=True, positive=True)
    assert Generation((Source(a, 0.1), Source(b, 0.2, PREVIOUS)), Ridge(0.1)).rows == a + b


@pytest.mark.parametrize("exact", [sympy.Rational(1, 3), sympy.sqrt(2), sympy.pi / 7])
def test_exact_numbers_stay_exact(exact):
    assert Ridge(exact).penalty is exact
    assert SourceCondition(exact).exponent is exact


def test_a_symbolic_spectrum_gives_symbolic_eigenvalues():
    s, beta, k = sympy.symbols("s beta k", positive=True)
    assert sympy.simplify(PowerLaw(5, beta, s).eigenvalue(k) - s * k ** (-beta)) == 0
    assert sympy.simplify(Isotropic(5, s).eigenvalue(k) - s) == 0
    assert Isotropic(5, s).rank() == 5


def test_a_power_law_differentiates():
    """d/dbeta sum_k k^-beta = -sum_k log(k) k^-beta, and d/dscale is the sum over scale."""

    def trace(beta, scale):
        return PowerLaw(5, beta, scale).eigenvalues().sum()

    by_beta, by_scale = jax.grad(trace, argnums=(0, 1))(1.3, 2.0)
    np.testing.assert_allclose(by_beta, -2.0 * (jnp.log(K) * K**-1.3).sum(), rtol=1e-6)
    np.testing.assert_allclose(by_scale, (K**-1.3).sum(), rtol=1e-6)


def test_targets_differentiate():
    def energy(r, norm, mean, variance):
        law, flat = PowerLaw(5, 1.5), Isotropic(5)
        return sum(
            target.second_moments(spectrum).sum()
            for target, spectrum in [
                (SourceCondition(r), law),
                (UniformTarget(norm), flat),
                (Coefficients(mean), flat),
                (GaussianTarget(variance), flat),
            ]
        )

    by_r, by_norm, by_mean, by_variance = jax.grad(energy, argnums=(0, 1, 2, 3))(0.4, 3.0, 2.0 * K, K)
    # E w_k^2 = k^(beta - 1 - 2 r beta) with beta = 3/2
    np.testing.assert_allclose(by_r, (-3.0 * jnp.log(K) * K ** (0.5 - 3.0 * 0.4)).sum(), rtol=1e-5)
    np.testing.assert_allclose(by_norm, 1.0, rtol=1e-6)
    np.testing.assert_allclose(by_mean, 4.0 * K, rtol=1e-6)
    np.testing.assert_allclose(by_variance, jnp.ones(5), rtol=1e-6)


@pytest.mark.parametrize(
    "spectrum",
    [
        lambda t: Isotropic(6, t[0]),
        lambda t: Levels(t, [1, 2, 3]),
        lambda t: Spiked(6, t, bulk=t[1]),
        lambda t: Spiked(6, [3.0], bulk=t[1]),
        lambda t: PowerLaw(6, t[0], t[1]),
        lambda t: Repeated(Eigenvalues(t), 2),
        lambda t: Repeated(Isotropic(3, t[0]), 2),
    ],
    ids=["isotropic", "levels", "spiked", "bulk", "power", "repeated", "repeated blocks"],
)
def test_traced_spectra_are_the_concrete_ones(spectrum):
    """The same eigenvalues inside jit as outside; traced eigenvalues count as positive."""
    values = np.array([1.5, 0.5, 2.0], dtype=np.float32)

    def traced(t):
        assert spectrum(t).rank() == 6
        return spectrum(t).eigenvalues()

    np.testing.assert_allclose(jax.jit(traced)(values), spectrum(values).eigenvalues(), rtol=1e-6)


def test_chains_are_built_inside_vmap():
    def total(penalties, noise):
        population = Population(Isotropic(5), UniformTarget())
        chain = replace(population, 3, rows=[10, 20, 30], noise=noise, estimator=[Ridge(p) for p in penalties])
        return sum(step.estimator.penalty * step.sources[0].noise for step in chain.generations)

    penalties = jnp.array([[0.5, 1.0, 2.0], [0.25, 0.5, 4.0]])
    np.testing.assert_allclose(jax.vmap(total)(penalties, jnp.array([2.0, 3.0])), [7.0, 14.25])
    np.testing.assert_allclose(jax.vmap(total)(penalties, penalties), [5.25, 16.3125])  # noise per generation


def test_with_takes_tracers():
    chain = replace(Population(Isotropic(5), UniformTarget()), 2, rows=10, noise=0.1)

    def noise_of_the_second(noise):
        return chain.with_(generation=2, noise=noise).generations[1].sources[0].noise ** 2

    np.testing.assert_allclose(jax.grad(noise_of_the_second)(3.0), 6.0)


@pytest.mark.parametrize(
    ("build", "field"),
    [
        (lambda t: Isotropic(t), "dimension"),
        (lambda t: Levels([1.0], [t]), "multiplicities"),
        (lambda t: Source(t, 0.1), "rows"),
        (lambda t: Repeated(Isotropic(2), t), "times"),
        (lambda t: replace(Population(Isotropic(5), UniformTarget()), generations=t), "generations"),
        (lambda t: replace(Population(Isotropic(5), UniformTarget()), 2, rows=jnp.stack([t, t])), "rows"),
    ],
    ids=["dimension", "multiplicities", "rows", "times", "generations", "rows of each"],
)
@pytest.mark.parametrize("transform", [jax.jit, jax.grad, lambda f: lambda x: jax.vmap(f)(jnp.array([x]))])
def test_sizes_are_never_traced(build, field, transform):
    with pytest.raises(SpecificationError) as caught:
        transform(lambda t: (build(t), t)[1])(3.0)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("shape", "dtype"), [((2,), jnp.float32), ((1, 1), jnp.float32), ((), jnp.complex64), ((), jnp.bool_)], ids=repr
)
def test_tracers_of_other_things_than_real_numbers_are_refused(shape, dtype):
    def build(t):
        for make in (Ridge, SourceCondition, UniformTarget):
            with pytest.raises(SpecificationError):
                make(t)
        return t

    jax.eval_shape(build, jax.ShapeDtypeStruct(shape, dtype))


@pytest.mark.parametrize(
    ("shape", "dtype"), [((), jnp.float32), ((0,), jnp.float32), ((2, 2), jnp.float32), ((2,), jnp.complex64)], ids=repr
)
def test_traced_vectors_have_one_dimension_and_real_entries(shape, dtype):
    def build(t):
        for make in (Eigenvalues, Coefficients, GaussianTarget):
            with pytest.raises(SpecificationError):
                make(t)
        return t

    jax.eval_shape(build, jax.ShapeDtypeStruct(shape, dtype))
