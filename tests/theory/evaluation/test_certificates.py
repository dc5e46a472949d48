"""Certificates of the effective ridge: the enclosure holds in exact arithmetic, on ten thousand random problems."""

from functools import cache

import jax
import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from modelcollapse.theory.evaluation.effective_ridge import effective_ridge

from .. import reference

NODES, BATCH = 12, 100


@cache
def _compiled():
    return jax.jit(jax.vmap(effective_ridge))


def solve(s, counts, rows, penalty):
    with jax.enable_x64(True):
        return jax.tree.map(np.asarray, _compiled()(s, counts, rows.astype(float), penalty))


def assert_enclosed(s, counts, rows, penalty, root):
    """Every certified interval holds the root, and is narrow."""
    assert np.all(root.width[root.certified] <= 1e-13)
    wrong = [
        index
        for index in np.flatnonzero(root.certified)
        if not reference.encloses(
            s[index], counts[index], int(rows[index]), penalty[index], root.value[index], root.width[index]
        )
    ]
    assert wrong == []


def random_problems(generator, decades, most, lowest_penalty):
    """Spectra over some decades, multiplicities up to `most`, rows near and far from the rank, any penalty."""
    s = 10.0 ** generator.uniform(-decades, 0, (BATCH, NODES)) * 10.0 ** generator.uniform(-3, 3, (BATCH, 1))
    counts = generator.integers(1, most + 1, (BATCH, NODES)).astype(float)
    rank = counts.sum(axis=1).astype(int)
    near = rank + generator.integers(-3, 4, BATCH)
    rows = np.where(generator.random(BATCH) < 0.5, near, generator.integers(1, 3 * rank))
    penalty = 10.0 ** generator.uniform(lowest_penalty, 2, BATCH)
    ridgeless = (rows < rank) & (generator.random(BATCH) < 0.25)
    return s, counts, np.maximum(rows, 1), np.where(ridgeless, 0.0, penalty)


@given(
    seed=st.integers(0, 2**32 - 1),
    decades=st.sampled_from([0.0, 1.0, 6.0, 20.0, 90.0]),
    most=st.sampled_from([1, 3, 1000, 10**6]),
    lowest_penalty=st.sampled_from([-2, -14, -100]),
)
@example(seed=1339, decades=90.0, most=1000, lowest_penalty=-100)  # a bisection must not pass for convergence
def test_every_problem_is_certified_and_every_certificate_holds(seed, decades, most, lowest_penalty):
    problems = random_problems(np.random.default_rng(seed), decades, most, lowest_penalty)
    root = solve(*problems)
    assert root.certified.all()
    assert root.steps.max() <= 120
    assert_enclosed(*problems, root)


@given(
    exponents=st.lists(st.floats(-300, 300), min_size=NODES, max_size=NODES),
    counts=st.lists(st.integers(1, 50), min_size=NODES, max_size=NODES),
    rows=st.integers(1, 1000),
    penalty_exponent=st.floats(-300, 300),
)
def test_at_the_edge_of_float64_a_certificate_still_never_lies(exponents, counts, rows, penalty_exponent):
    s, counts = 10.0 ** np.array([exponents]), np.array([counts], dtype=float)
    problem = s, counts, np.array([rows]), np.array([10.0**penalty_exponent])
    repeated = [np.repeat(part, BATCH, axis=0) for part in problem]  # one compilation with the test above
    assert_enclosed(*problem, jax.tree.map(lambda part: part[:1], solve(*repeated)))
