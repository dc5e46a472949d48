"""Laws that name the number: closed forms and textbook recursions, and which of two schemes is better."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import strategies as st

from ...theory.problem import (
    ACCUMULATE,
    FORGET,
    FRESH,
    Accumulate,
    Chain,
    Isotropic,
    LabelledBy,
    MinimumNorm,
    Previous,
    Ridge,
    SameRows,
    Source,
    Truth,
    accumulate,
)
from ...theory.problem import replace as replacement
from ..strategies import (
    accumulating_chains,
    generator_chains,
    least_squares_chains,
    mixed_chains,
    ridge_chains,
    subspace_chains,
)
from . import references
from .law import Errors, law, no_more, same
from .of_generations import passes_noise_on
from .of_units import is_ridge_throughout


def is_one_by_one(chain: Chain) -> bool:
    """Whether every generation has one source of weight 1, the model before labels it, and the start is the truth."""
    single = all(len(step.sources) == 1 and step.sources[0].weight == 1.0 for step in chain.generations)
    return single and chain.initial is None and all(step.generated for step in chain.generations)


def is_ridge_walk(chain: Chain) -> bool:
    """Ridge regression, or ridgeless regression below the rank, each on labels of the model before."""
    return is_one_by_one(chain) and passes_noise_on(chain) and is_ridge_throughout(chain)


def is_least_squares_walk(chain: Chain) -> bool:
    """Least squares with rows >= rank + 2, each on labels of the model before."""
    rank = chain.population.spectrum.rank()
    enough = all(isinstance(step.estimator, MinimumNorm) and step.rows >= rank + 2 for step in chain.generations)
    return enough and is_one_by_one(chain) and passes_noise_on(chain)


def is_generators_then_ridge(chain: Chain) -> bool:
    """Equal generators fitted by least squares, then ridge regression."""
    *generators, last = chain.generations
    rank = chain.population.spectrum.rank()
    equal = all(
        step == generators[0] and isinstance(step.estimator, MinimumNorm) and step.rows >= rank + 2
        for step in generators
    )
    return equal and isinstance(last.estimator, Ridge) and is_one_by_one(chain) and passes_noise_on(chain)


def accumulates(chain: Chain) -> bool:
    """Least squares on everything so far, labelled by the model before, the first fit with rows >= rank + 2."""
    rank = chain.population.spectrum.rank()
    return (
        is_one_by_one(chain)
        and chain.generations[0].rows >= rank + 2
        and all(isinstance(step.estimator, MinimumNorm) for step in chain.generations)
        and all(isinstance(step.memory, Accumulate) for step in chain.generations)
        and all(isinstance(step.generated[0].labels, Previous) for step in chain.generations)
    )


def accumulates_fresh_rows(chain: Chain) -> bool:
    """All rows are fresh and kept."""
    return accumulates(chain) and all(step.generated[0].covariates == FRESH for step in chain.generations)


def accumulates_labels(chain: Chain) -> bool:
    """The first rows are labelled anew in every generation, and all labels kept."""
    again = all(step.generated[0].covariates == SameRows(1) for step in chain.generations[1:])
    return accumulates(chain) and again and len(chain) > 1


def is_on_equal_eigenvalues(chain: Chain) -> bool:
    """Minimum norm on equal eigenvalues, rows at least 2 away from the dimension."""
    spectrum = chain.population.spectrum
    away = all(
        isinstance(step.estimator, MinimumNorm) and abs(step.rows - spectrum.dimension) >= 2
        for step in chain.generations
    )
    return isinstance(spectrum, Isotropic) and away and is_one_by_one(chain) and passes_noise_on(chain)


def adds_fresh_real_rows(chain: Chain) -> bool:
    """Least squares on two fresh sources, the first labelled by the truth, the second by the model before."""
    return chain.initial is None and all(
        len(step.sources) == 2
        and step.memory == FORGET
        and isinstance(step.estimator, MinimumNorm)
        and all(isinstance(one, Source) and one.covariates == FRESH and one.weight == 1.0 for one in step.sources)
        and isinstance(step.generated[0].labels, Truth)
        and _labels_of_the_model_before(number, step.generated[1])
        and step.rows >= chain.population.spectrum.rank() + 2
        for number, step in enumerate(chain.generations, start=1)
    )


def _labels_of_the_model_before(number: int, source: Source) -> bool:
    return isinstance(source.labels, Previous) or source.labels == LabelledBy(max(number - 1, 1))


def in_several_generations(applies: Callable[[Chain], bool]) -> Callable[[Chain], bool]:
    """The same, and more than one generation."""
    return lambda chain: len(chain) > 1 and applies(chain)


@law(ridge_chains, applies=is_ridge_walk, equivalents=True)
def the_first_generation_of_ridge(errors: Errors, chain: Chain) -> None:
    """E_1 = kappa^2 w_0'S(S + kappa)^{-2}w_0/(1 - df_2/n) + sigma^2 df_2/(n - df_2), kappa = lambda + kappa df_1/n."""
    (s, truth), (rows, noise, penalty) = references.spectrum_of(chain), references.fits_of(chain)
    same(errors(chain)[0], references.one_ridge(s, truth, rows[0], penalty[0], noise[0]), of="first error")


@law(ridge_chains, applies=in_several_generations(is_ridge_walk), equivalents=True)
def a_chain_of_ridge_is_its_backward_recursion(errors: Errors, chain: Chain) -> None:
    """b_N = s, b_{g-1} = (s^2 b_g + chi_g kappa_g^2 s)/(s + kappa_g)^2, E = sum (b_0 - 2sQ + s)w_0^2 + sigma^2 chi."""
    same(errors(chain), references.chain_of_ridge(chain), references.null_error(chain), of="errors")


@law(least_squares_chains, applies=is_least_squares_walk)
def the_first_generation_of_least_squares(errors: Errors, chain: Chain) -> None:
    """E_1 = sigma^2 r/(n - r - 1), the mean of an inverse Wishart matrix."""
    same(errors(chain)[0], references.replaced(chain)[0], of="first error")


@law(least_squares_chains, applies=in_several_generations(is_least_squares_walk))
def replacement_by_least_squares(errors: Errors, chain: Chain) -> None:
    """E_g is the sum over m <= g of sigma_m^2 r/(n_m - r - 1): it grows with the number of generations."""
    same(errors(chain), references.replaced(chain), of="errors")


@law(generator_chains, applies=is_generators_then_ridge, equivalents=True)
def generators_and_then_ridge(errors: Errors, chain: Chain) -> None:
    """E = E_ridge + n sigma_0^2/(T_0 - r - 1) [df_2 + kappa^2 tr(S + kappa)^{-2} df_2/(T - df_2)], n generators."""
    same(errors(chain)[-1], references.generators_then_ridge(chain), of="last error")


@law(accumulating_chains, applies=in_several_generations(accumulates_fresh_rows))
def accumulation_of_fresh_rows(errors: Errors, chain: Chain) -> None:
    """E_g is the sum over m <= g of sigma_m^2 (n_m/N_m) r/(N_m - r - 1), N_m = n_1 + ... + n_m."""
    same(errors(chain), references.accumulated(chain), of="errors")


@law(accumulating_chains, applies=accumulates_labels)
def accumulation_of_labels_on_the_same_rows(errors: Errors, chain: Chain) -> None:
    """E_g = r/(n - r - 1) times the sum over m <= g of sigma_m^2/m^2: bounded by pi^2/6."""
    same(errors(chain), references.relabelled(chain), of="errors")


@law(subspace_chains, applies=is_on_equal_eigenvalues)
def minimum_norm_on_equal_eigenvalues(errors: Errors, chain: Chain) -> None:
    """E = (1 - prod r_g) w_0'Sigma w_0 + N, r_g = min(n_g/r, 1), N <- r_g N + sigma_g^2 n_g/(r - n_g - 1) below r."""
    same(errors(chain), references.subspaces(chain), references.null_error(chain), of="errors")


@law(mixed_chains, applies=in_several_generations(adds_fresh_real_rows))
def fresh_real_rows_beside_synthetic_ones(errors: Errors, chain: Chain) -> None:
    """E_g = c E_{g-1} + sigma^2 r/(n - r - 1) with the matrix-Dirichlet moment c of t synthetic rows in n."""
    same(errors(chain), references.with_fresh_real_rows(chain), of="errors")


@law(least_squares_chains, applies=in_several_generations(is_least_squares_walk))
def accumulating_is_never_worse_than_replacing(errors: Errors, chain: Chain) -> None:
    """Least squares on all rows so far has no larger error, in any generation, than on the newest alone."""
    steps = tuple(replace(step, memory=ACCUMULATE) for step in chain.generations)
    no_more(errors(Chain(chain.population, steps)), errors(chain))


@law(
    accumulating_chains,
    applies=lambda chain: accumulates_fresh_rows(chain) and len({step.rows for step in chain.generations}) == 1,
)
def fresh_rows_are_never_worse_than_the_same_rows(errors: Errors, chain: Chain) -> None:
    """With equally many rows, accumulating fresh ones has no larger error than labelling the first ones anew."""
    noise = [step.generated[0].noise for step in chain.generations]
    same_rows = accumulate(
        chain.population, len(chain), chain.generations[0].rows, noise, MinimumNorm(), same_rows=True
    )
    no_more(errors(chain), errors(same_rows))


@law(accumulating_chains, applies=accumulates_labels)
def labelling_the_same_rows_again_is_never_worse_than_replacing(errors: Errors, chain: Chain) -> None:
    """Least squares on all labels of the same rows has no larger error, in any generation, than on new rows alone."""
    rows, noise = zip(*((step.generated[0].rows, step.generated[0].noise) for step in chain.generations), strict=True)
    replaced = replacement(chain.population, len(chain), rows, noise, MinimumNorm())
    no_more(errors(chain), errors(replaced))


@law(least_squares_chains, applies=is_least_squares_walk, details=lambda chain: st.tuples(st.integers(1, 50)))
def more_rows_help_least_squares(errors: Errors, chain: Chain, more: int) -> None:
    """Above the rank, more rows in every generation lower every error."""
    steps = [chain.with_(rows=step.rows + more).generations[g] for g, step in enumerate(chain.generations)]
    no_more(errors(Chain(chain.population, tuple(steps))), errors(chain))


CLOSED_FORMS = (
    the_first_generation_of_ridge,
    a_chain_of_ridge_is_its_backward_recursion,
    the_first_generation_of_least_squares,
    replacement_by_least_squares,
    generators_and_then_ridge,
    accumulation_of_fresh_rows,
    accumulation_of_labels_on_the_same_rows,
    minimum_norm_on_equal_eigenvalues,
    fresh_real_rows_beside_synthetic_ones,
    accumulating_is_never_worse_than_replacing,
    fresh_rows_are_never_worse_than_the_same_rows,
    labelling_the_same_rows_again_is_never_worse_than_replacing,
    more_rows_help_least_squares,
)
