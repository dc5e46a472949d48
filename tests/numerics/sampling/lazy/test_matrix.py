"""A lazy matrix answers as one matrix would, and its entries are standard normal."""

import numpy as np
import pytest
from scipy import stats

from modelcollapse.numerics.sampling.lazy.matrix import LazyMatrix
from modelcollapse.numerics.sampling.lazy.rows import Rows, plus
from modelcollapse.numerics.sampling.lazy.space import Explicit, Grown
from modelcollapse.theory.problem import TooLarge

LEVEL = 1e-4  # of each Kolmogorov-Smirnov test of this file; together below 1e-3


def written_out(matrix, dimension):
    """All columns in the left coordinates that there are in the end."""
    columns = [matrix.times(column) for column in np.eye(dimension)]
    return np.array([plus(column, np.zeros(max(c.size for c in columns))) for column in columns]).T


@pytest.mark.parametrize("rows", [1, 3, 5, 12])
def test_what_it_said_is_what_it_turns_out_to_be(rows):
    generator = np.random.default_rng(rows)
    matrix = LazyMatrix(Grown([rows], [0]), Explicit(5), np.random.default_rng(1))
    asked, answers, x = [], [], generator.standard_normal(5)
    for turn in range(4):
        forward = matrix.times(x)
        backward = matrix.transposed_times(forward)
        asked.append(x)
        answers.append((forward, backward))
        x = generator.standard_normal(5) if turn % 2 else backward / np.abs(backward).max()
    whole = written_out(matrix, 5)
    assert whole.shape[0] <= rows
    for x, (forward, backward) in zip(asked, answers, strict=True):
        assert np.allclose(whole @ x, plus(forward, np.zeros(whole.shape[0])), rtol=0, atol=1e-11)
        assert np.allclose(whole[: forward.size].T @ forward, backward, rtol=0, atol=1e-10)


@pytest.mark.parametrize("rows", [2, 4, 9])
def test_the_gram_matrix_has_the_law_of_gaussian_rows(rows):
    """After products that depend on one another: the length of a column, and the volume, against real matrices."""
    grams = []
    for number in range(800):
        matrix = LazyMatrix(Grown([rows], [0]), Explicit(3), np.random.default_rng([rows, number]))
        x = np.ones(3)
        for _ in range(2):
            x = matrix.transposed_times(matrix.times(x))
            x /= np.linalg.norm(x)
        whole = written_out(matrix, 3)
        grams.append(whole.T @ whole)
    grams = np.array(grams)
    real = np.random.default_rng(rows).standard_normal((4000, rows, 3))
    assert stats.kstest(grams[:, 0, 0], "chi2", args=(rows,)).pvalue > LEVEL
    if rows >= 3:
        assert stats.ks_2samp(np.linalg.det(grams), np.linalg.det(np.swapaxes(real, 1, 2) @ real)).pvalue > LEVEL


def test_a_level_that_is_used_up_has_no_new_axis():
    space, generator = Grown([1, 3], [0, 0]), np.random.default_rng(4)
    assert [space.fresh(generator).size for _ in range(5)] == [2, 3, 4, 4, 4]
    assert space.each(np.array([7.0, 5.0])).tolist() == [7.0, 5.0, 5.0, 5.0]


def test_the_length_of_a_fresh_vector_is_that_of_the_whole_space():
    generator = np.random.default_rng(5)
    lengths = []
    for _ in range(800):
        space = Grown([3, 50], [0, 0])
        lengths.append([np.sum(space.fresh(generator) ** 2) for _ in range(4)][-1])
    assert stats.kstest(lengths, "chi2", args=(53,)).pvalue > LEVEL


def test_a_shortened_space_keeps_lengths_and_angles_in_each_level():
    space, generator = Grown([4, 10**6], [0, 0]), np.random.default_rng(6)
    vectors = [space.fresh(generator) for _ in range(3)]
    for _ in range(6):
        space.fresh(generator)
    weights = np.array([1.0, 3.0])
    before = [[np.sum(space.each(weights)[: min(a.size, b.size)] * product(a, b)) for a in vectors] for b in vectors]
    space, turned = space.shortened(vectors)
    after = [[np.sum(space.each(weights) * a * b) for a in turned] for b in turned]
    assert len(turned[0]) == 6
    assert np.allclose(before, after, rtol=1e-12)


def product(first, second):
    size = min(first.size, second.size)
    return first[:size] * second[:size]


def test_vectors_beyond_the_memory_are_refused():
    with pytest.raises(TooLarge, match="vectors"):
        Rows().append(np.broadcast_to(np.float64(1.0), 10**13))
