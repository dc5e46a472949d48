"""Laws of chains as specifications: values, sizes, files."""

from __future__ import annotations

from copy import deepcopy

import numpy as np

from ...theory.problem import Chain, Ridge, mix, retain_real
from ..strategies import chains, families, least_squares_chains, ridge_chains
from .law import About, law, same, true
from .references import null_error


@law(chains, about=About.SPECIFICATION)
def chains_are_equal_by_content(chain: Chain) -> None:
    """A chain equals a copy of itself and has its hash; with another noise it is another chain."""
    copy = deepcopy(chain)
    true(copy == chain and hash(copy) == hash(chain), "a copy differs from its original")
    noise = chain.generations[0].generated[0].noise
    true(chain.with_(noise=noise + 0.375) != chain, "another noise makes no difference")


@law(chains, about=About.SPECIFICATION)
def scaling_multiplies_every_size(chain: Chain) -> None:
    """chain.scaled(2) has twice the dimension, rows and sum s_k; w_0'Sigma w_0 stays as it is."""
    large = chain.scaled(2)
    true(large.population.dimension == 2 * chain.population.dimension, "the dimension is not twice as large")
    true(large.rows == tuple(2 * rows for rows in chain.rows), "the rows are not twice as many")
    traces = [np.sum(one.population.spectrum.eigenvalues()) for one in (chain, large)]
    same(2 * traces[0], traces[1], of="trace of the covariance")
    same(null_error(chain), null_error(large), of="error of the zero model")


@law(*families(), about=About.SPECIFICATION)
def scaling_twice_is_scaling_once(chain: Chain) -> None:
    """chain.scaled(2).scaled(3) has the eigenvalues, truth and rows of chain.scaled(6)."""
    twice, once = chain.scaled(2).scaled(3), chain.scaled(6)
    true(twice.rows == once.rows, "other rows")
    s, others = (one.population.spectrum.eigenvalues() for one in (twice, once))
    same(s, others, of="eigenvalues")
    moments = [one.population.target.second_moments(one.population.spectrum) for one in (twice, once)]
    same(moments[0], moments[1], of="second moments of the truth")


@law(chains, about=About.SPECIFICATION)
def what_is_put_in_is_there(chain: Chain) -> None:
    """with_(estimator=e, generation=g) changes the estimator of generation g and nothing else, and can be undone."""
    number, fit = len(chain), Ridge(0.625)
    changed = chain.with_(estimator=fit, generation=number)
    true(changed.generations[-1].estimator == fit, "the estimator is not the one put in")
    true(changed.generations[:-1] == chain.generations[:-1], "another generation changed")
    true(changed.with_(estimator=chain.generations[-1].estimator, generation=number) == chain, "it cannot be undone")


@law(chains, about=About.SPECIFICATION)
def files_give_back_the_chain(chain: Chain) -> None:
    """Chain.from_toml(chain.to_toml()) == chain, to the last bit."""
    true(Chain.from_toml(chain.to_toml()) == chain, "the chain read differs from the chain written")


@law(ridge_chains, least_squares_chains, about=About.SPECIFICATION)
def retaining_no_real_rows_is_replacement(chain: Chain) -> None:
    """A share 0 of fresh real rows, or 0 of them beside others, is the chain that replaces, whatever their noise."""
    fits = [step.estimator for step in chain.generations]
    noise = [step.generated[0].noise for step in chain.generations]
    population, count, rows = chain.population, len(chain), list(chain.rows)
    retained = retain_real(population, count, rows, noise, fits, share=0.0, real_noise=7.5)
    mixed = mix(population, count, real_rows=0, synthetic_rows=rows, noise=noise, estimator=fits, real_noise=7.5)
    true(retained == chain, "a share 0 of real rows makes a difference")
    true(mixed == chain, "no real rows make a difference")


SPECIFICATIONS = (
    chains_are_equal_by_content,
    scaling_multiplies_every_size,
    scaling_twice_is_scaling_once,
    what_is_put_in_is_there,
    files_give_back_the_chain,
    retaining_no_real_rows_is_replacement,
)
