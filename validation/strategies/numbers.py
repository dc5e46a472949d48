"""Sizes from a few buckets, so that JAX compiles little, and decimal numbers that read well in a counterexample."""

from __future__ import annotations

from hypothesis import strategies as st

DIMENSIONS = (6, 12, 24)
GENERATIONS = (1, 3)


def dimensions() -> st.SearchStrategy[int]:
    """Numbers of covariates: 6, 12 or 24."""
    return st.sampled_from(DIMENSIONS)


def lengths() -> st.SearchStrategy[int]:
    """Numbers of generations: 1 or, twice as often, 3."""
    return st.sampled_from((*GENERATIONS, GENERATIONS[-1]))


def decimals(least: int, most: int, places: int = 2) -> st.SearchStrategy[float]:
    """Numbers from least to most, counted in units of the last decimal place.

    Args:
        least, most: whole numbers of units.
        places: digits after the point, >= 0.
    """
    return st.integers(least, most).map(lambda count: count / 10**places)


def rows_between(least: int, most: int) -> st.SearchStrategy[int]:
    """Numbers of rows, from least to most."""
    return st.integers(least, most)


def noises() -> st.SearchStrategy[float]:
    """Standard deviations of label noise, 0.05 to 2."""
    return decimals(5, 200)


def penalties() -> st.SearchStrategy[float]:
    """Ridge penalties over four decades, 0.001 to 9."""
    return st.builds(lambda digit, decade: digit / 10**decade, st.integers(1, 9), st.integers(0, 3))


def weights() -> st.SearchStrategy[float]:
    """Weights of rows, 0.1 to 5."""
    return decimals(1, 50, places=1)


def factors() -> st.SearchStrategy[float]:
    """Numbers other than 1 to multiply by, a fifth to fifty."""
    return st.sampled_from((0.2, 0.7, 1.3, 3.0, 50.0))
