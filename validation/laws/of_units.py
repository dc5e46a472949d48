"""Laws of units and coordinates: what a formula for the error cannot depend on."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from ...theory.problem import Chain, Isotropic, MinimumNorm, Ridge, Shifted, UniformTarget
from ...theory.problem.labels import labellers
from ..strategies import factors, families, least_squares_chains, ridge_chains
from .law import Errors, law, no_more, same, true
from .references import null_error
from .transformed import in_other_units, louder, rearranged, with_random_signs


def a_factor(chain: Chain) -> st.SearchStrategy[tuple[Any, ...]]:
    """Something to multiply by."""
    return st.tuples(factors())


def an_order(chain: Chain) -> st.SearchStrategy[tuple[Any, ...]]:
    """Another order of the directions."""
    return st.tuples(st.permutations(range(chain.population.dimension)))


def has_one_truth(chain: Chain) -> bool:
    """Whether nothing but the truth and models that go back to it labels rows."""
    parts = [part for step in chain.generations for one in step.generated for part in labellers(one.labels)]
    return chain.initial is None and not any(isinstance(part, Shifted) for part in parts)


def is_ridge_throughout(chain: Chain) -> bool:
    """Whether every fit is ridge regression."""
    return all(isinstance(step.estimator, Ridge) for step in chain.generations)


@law(*families())
def errors_are_numbers_that_are_not_negative(errors: Errors, chain: Chain) -> None:
    """Every generation has one error E_g >= 0, which may be infinite."""
    values = errors(chain)
    no_more(np.zeros(len(chain)), values)


@law(*families(), details=a_factor)
def the_unit_of_the_labels_does_not_matter(errors: Errors, chain: Chain, times: float) -> None:
    """Truth, offsets and all sigma_g multiplied by c multiply every error by c^2."""
    same(errors(louder(chain, times)), times**2 * errors(chain), times**2 * null_error(chain), of="errors")


@law(*families(), details=a_factor)
def the_unit_of_the_covariates_does_not_matter(errors: Errors, chain: Chain, times: float) -> None:
    """s -> c s, lambda -> c lambda and w_0 -> w_0/sqrt(c) leave every error as it is."""
    same(errors(in_other_units(chain, times)), errors(chain), null_error(chain), of="errors")


@law(*families(), details=an_order)
def the_order_of_the_directions_does_not_matter(errors: Errors, chain: Chain, order: Any) -> None:
    """Eigenvalues and coefficients permuted together leave every error as it is."""
    listed, permuted = (rearranged(chain, np.array(one)) for one in (range(len(order)), order))
    same(errors(permuted), errors(listed), null_error(chain), of="errors")


@law(*families())
def directions_without_variance_do_not_matter(errors: Errors, chain: Chain) -> None:
    """Eigenvalues s = 0 appended to the spectrum leave every error as it is: it is the rank that counts."""
    order = np.arange(chain.population.dimension)
    padded = rearranged(chain, np.r_[order, -1, -1])
    same(errors(padded), errors(rearranged(chain, order)), null_error(chain), of="errors")


def reads_the_eigenvalues_alone(chain: Chain) -> bool:
    """Whether statements cannot depend on how the spectrum is written: equal eigenvalues have exact statements."""
    ridgeless = any(isinstance(step.estimator, MinimumNorm) for step in chain.generations)
    return not (ridgeless and isinstance(chain.population.spectrum, Isotropic))


@law(*families(), applies=reads_the_eigenvalues_alone)
def a_spectrum_is_the_list_of_its_eigenvalues(errors: Errors, chain: Chain) -> None:
    """The spectrum and the truth written out, s_1, ..., s_d and w_1, ..., w_d, have the same errors."""
    listed = rearranged(chain, np.arange(chain.population.dimension))
    same(errors(listed), errors(chain), null_error(chain), of="errors")


@law(*families(), applies=has_one_truth)
def only_second_moments_of_the_truth_matter(errors: Errors, chain: Chain) -> None:
    """A random truth with the same E w_{0,k}^2 has the same errors."""
    same(errors(with_random_signs(chain)), errors(chain), null_error(chain), of="errors")


@law(ridge_chains, applies=is_ridge_throughout, equivalents=True)
def equivalents_do_not_change_with_the_size(errors: Errors, chain: Chain) -> None:
    """Every eigenvalue twice, the truth shared out and twice the rows: chain.scaled(2) has the same errors."""
    same(errors(chain.scaled(2)), errors(chain), null_error(chain), of="errors")


def is_least_squares_above_the_rank(chain: Chain) -> bool:
    """Whether every fit is least squares with as many rows as directions, on labels of the truth or its models."""
    rank = chain.population.spectrum.rank()
    plain = all(isinstance(step.estimator, MinimumNorm) and not step.kept for step in chain.generations)
    return plain and has_one_truth(chain) and min(chain.rows) >= rank


@law(least_squares_chains, applies=is_least_squares_above_the_rank)
def least_squares_sees_only_the_rank(errors: Errors, chain: Chain) -> None:
    """With n >= r rows the errors are those on r equal eigenvalues, whatever the spectrum and the truth are."""
    population = type(chain.population)(Isotropic(chain.population.spectrum.rank(), 1.7), UniformTarget(2.5))
    same(errors(Chain(population, chain.generations)), errors(chain), of="errors")


@law(least_squares_chains, applies=is_least_squares_above_the_rank)
def without_noise_least_squares_finds_the_truth(errors: Errors, chain: Chain) -> None:
    """sigma = 0 and n >= r give the error 0 in every generation."""
    values = errors(chain.with_(noise=0.0))
    true(np.all(np.abs(values) <= 1e-12 * null_error(chain)), f"errors without noise: {values.tolist()}")


UNITS = (
    errors_are_numbers_that_are_not_negative,
    the_unit_of_the_labels_does_not_matter,
    the_unit_of_the_covariates_does_not_matter,
    the_order_of_the_directions_does_not_matter,
    directions_without_variance_do_not_matter,
    a_spectrum_is_the_list_of_its_eigenvalues,
    only_second_moments_of_the_truth_matter,
    equivalents_do_not_change_with_the_size,
    least_squares_sees_only_the_rank,
    without_noise_least_squares_finds_the_truth,
)
