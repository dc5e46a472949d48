"""The front door of the simulator: what it refuses and what its result can do."""

import dataclasses
import json

import jax
import numpy as np
import pytest
import sympy

from modelcollapse.numerics.designs import GAUSSIAN, ResampledRows
from modelcollapse.numerics.measurement.label_noise import DRAWN, INTEGRATED
from modelcollapse.numerics.sampling import NAIVE
from modelcollapse.numerics.simulation import Simulation, simulate
from modelcollapse.theory.problem import (
    Chain,
    Coefficients,
    Isotropic,
    Population,
    PowerLaw,
    Ridge,
    Source,
    SpecificationError,
    Spectrum,
    Target,
    UniformTarget,
    replace,
)

POPULATION = Population(Isotropic(3), UniformTarget())
CHAIN = replace(POPULATION, 2, rows=9, noise=0.4, estimator=Ridge(0.05))


@pytest.fixture
def result():
    return simulate(CHAIN, 40, seed=3)


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        ("chain", {"chain": None}),
        ("chain", {"chain": POPULATION}),
        ("noise", {"noise": "integrated"}),
        ("noise", {"noise": None}),
        ("noise", {"noise": type(INTEGRATED)}),
        ("design", {"design": np.ones((4, 3))}),
        ("design", {"design": type(GAUSSIAN)}),
        ("progress", {"progress": None}),
        ("progress", {"progress": "bar"}),
        *(("seed", {"seed": seed}) for seed in (-1, 2**63, 0.5, "1", None, True, np.nan, [1])),
        *(("replicates", {"replicates": n}) for n in (0, 1, -5, 2.5, np.inf, "10", None, True, 2**32 + 1, 10**400)),
        *(("start", {"start": n}) for n in (-1, 0.5, np.nan, "0", None, True, 2**60)),
        ("replicates", {"replicates": 2, "start": 2**32 - 1}),
    ],
)
def test_bad_arguments_are_refused_by_name(field, bad):
    with pytest.raises(SpecificationError, match=f"^{field}"):
        simulate(**{"chain": CHAIN, "replicates": 4, **bad})


SYMBOL = sympy.Symbol("c", positive=True)


@pytest.mark.parametrize(
    ("field", "chain"),
    [
        ("rows", replace(POPULATION, 2, rows=SYMBOL, noise=0.4)),
        ("noise", replace(POPULATION, 2, rows=9, noise=SYMBOL)),
        ("penalty", CHAIN.with_(penalty=SYMBOL)),
        ("eigenvalues", replace(Population(Isotropic(3, SYMBOL), UniformTarget()), 2, rows=9)),
        ("eigenvalues", replace(Population(PowerLaw(3, SYMBOL), UniformTarget()), 2, rows=9)),
        ("target", replace(Population(Isotropic(3), UniformTarget(SYMBOL)), 2, rows=9)),
    ],
)
def test_symbolic_chains_are_refused_by_name(field, chain):
    with pytest.raises(SpecificationError, match=f"^{field}"):
        simulate(chain, 4)


@pytest.mark.parametrize(
    "chain_of",
    [
        lambda x: CHAIN.with_(penalty=x),
        lambda x: CHAIN.with_(noise=x),
        lambda x: replace(Population(Isotropic(3, x), UniformTarget()), 2, rows=9),
        lambda x: replace(Population(Isotropic(3), Coefficients(x * jax.numpy.ones(3))), 2, rows=9),
    ],
)
def test_traced_chains_are_refused_by_name(chain_of):
    with pytest.raises(SpecificationError, match="a simulation needs"):
        jax.jit(lambda x: simulate(chain_of(x), 4).mean)(0.5)


class Staircase(Spectrum):
    """A user's own spectrum."""

    dimension = 3

    def eigenvalue(self, k):
        return 4.0 - k


class Nothing(Staircase):
    def eigenvalue(self, k):
        return 0.0 * k


class Alternating(Target):
    """A user's own target, with a random part."""

    def mean(self, k, spectrum):
        return (-1.0) ** k

    def variance(self, k, spectrum):
        return 0.5 / k


class Wrong(Alternating):
    def variance(self, k, spectrum):
        return -0.5 / k


def test_open_families_are_simulated():
    chain = replace(Population(Staircase(), Alternating()), 2, rows=9, noise=0.4)
    assert np.all(simulate(chain, 4).errors > 0)


@pytest.mark.parametrize(
    ("field", "population"),
    [("spectrum", Population(Nothing(), Alternating())), ("target", Population(Staircase(), Wrong()))],
)
def test_impossible_members_of_open_families_are_refused(field, population):
    with pytest.raises(SpecificationError, match=f"^{field}"):
        simulate(replace(population, 2, rows=9, noise=0.4), 4)


def test_statistics_are_those_of_the_errors(result):
    assert result.errors.shape == (40, 2)
    assert result.errors.dtype == np.float64
    assert result.replicates == 40
    np.testing.assert_array_equal(result.mean, np.mean(result.errors, axis=0))
    np.testing.assert_array_equal(result.standard_deviation, np.std(result.errors, axis=0, ddof=1))
    np.testing.assert_allclose(result.standard_error**2 * 40, np.var(result.errors, axis=0, ddof=1))


def test_results_are_read_only_and_compare_by_content(result):
    with pytest.raises(ValueError, match="read-only"):
        result.errors[0, 0] = 1.0
    assert simulate(CHAIN, 40, seed=3) == result
    assert hash(simulate(CHAIN, 40, seed=3)) == hash(result)
    assert simulate(CHAIN, 40, seed=4) != result


def test_results_print_and_convert(result):
    text, html, record = str(result), result._repr_html_(), json.loads(result.to_json())
    assert "40 replicates" in text
    assert f"{result.mean[1]:.6g}" in text
    assert html.startswith("<table>")
    assert f"{result.mean[1]:.6g}" in html
    assert record == result.to_dict()
    assert np.array_equal(record["errors"], result.errors)
    assert (record["noise"], record["design"], record["seed"]) == ("Drawn", "Gaussian", 3)
    assert record["sampler"].startswith("sufficient statistics")


def test_only_its_own_continuation_extends_a_simulation(result):
    continuation = simulate(CHAIN, 4, seed=3, start=40)
    assert result.extended(continuation).replicates == 44
    errors = continuation.errors
    others = {
        "chain": Simulation(CHAIN.with_(penalty=0.06), errors, 3, DRAWN, GAUSSIAN, 40),
        "seed": Simulation(CHAIN, errors, 4, DRAWN, GAUSSIAN, 40),
        "noise": Simulation(CHAIN, errors, 3, INTEGRATED, GAUSSIAN, 40),
        "design": Simulation(CHAIN, errors, 3, DRAWN, ResampledRows(np.ones((1, 3))), 40),
        "start": Simulation(CHAIN, errors, 3, DRAWN, GAUSSIAN, 41),
        "sampler": simulate(CHAIN, 4, seed=3, start=40, sampler=NAIVE),
    }
    for field, other in others.items():
        if field != "sampler":
            other = dataclasses.replace(other, sampler=result.sampler)
        with pytest.raises(SpecificationError, match=f"^{field}"):
            result.extended(other)


def test_float64_is_local():
    """Also after a failure, and the caller's own arrays stay float32."""
    simulate(CHAIN, 4)
    with pytest.raises(SpecificationError):
        simulate(Chain(POPULATION, (CHAIN.generations[0].__class__((Source(SYMBOL, 0.1),), Ridge(0.1)),)), 4)
    assert jax.numpy.ones(1).dtype == np.float32


def test_a_world_with_float64_on_gives_the_same_numbers(result):
    with jax.enable_x64(True):
        assert simulate(CHAIN, 40, seed=3) == result
