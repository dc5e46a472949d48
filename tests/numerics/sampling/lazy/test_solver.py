"""The solver finds what a direct method finds for the matrix as it turns out to be, or says that it did not."""

import numpy as np
import pytest

from modelcollapse.numerics.sampling.lazy.equations import Block, Equations, Scaled
from modelcollapse.numerics.sampling.lazy.matrix import LazyMatrix
from modelcollapse.numerics.sampling.lazy.rows import plus
from modelcollapse.numerics.sampling.lazy.solver import Goal, solve
from modelcollapse.numerics.sampling.lazy.space import Explicit, Grown
from modelcollapse.theory.problem import NotCertified

DIMENSION = 20
SCALE = np.linspace(1.0, 0.2, DIMENSION)


def posed(rows, damping, tolerance=1e-11, rank=DIMENSION, scale=SCALE):
    """A matrix, and the equations and the right-hand side of a fit to it."""
    space = Explicit(DIMENSION)
    matrix = LazyMatrix(Grown([rows], [0]), space, np.random.default_rng(rows))
    labels = matrix.left.fresh(np.random.default_rng(3))
    right = [labels] if damping is None else [labels, np.linspace(-1.0, 1.0, DIMENSION)]
    equations = Equations([Block(matrix, 1.3, None)], Scaled(space, scale), space, damping)
    return matrix, equations, right, Goal(tolerance, rank, None, np.ones(DIMENSION))


@pytest.mark.parametrize("rows", [7, 19, 20, 40, 10**6])
@pytest.mark.parametrize("damping", [None, np.linspace(0.5, 3.0, DIMENSION)])
def test_it_agrees_with_a_direct_solution(rows, damping):
    matrix, equations, right, goal = posed(rows, damping)
    found = solve(equations, right, goal)
    columns = [1.3 * matrix.times(column) for column in np.diag(SCALE)]
    size = max(column.size for column in columns)
    whole = np.array([plus(column, np.zeros(size)) for column in columns]).T
    labels = plus(right[0], np.zeros(size))
    if damping is not None:
        whole, labels = np.concatenate([whole, np.diag(damping)]), np.concatenate([labels, right[1]])
    direct = SCALE * np.linalg.lstsq(whole, labels, rcond=None)[0]
    assert np.linalg.norm(found - direct) < 1e-9 * np.linalg.norm(direct)


def test_no_convergence_is_an_error():
    _, equations, right, goal = posed(40, None, rank=2)
    with pytest.raises(NotCertified, match="did not converge in 5 steps"):
        solve(equations, right, goal)


def test_rounding_that_may_matter_is_an_error():
    _, equations, right, goal = posed(19, None, scale=10.0 ** -np.linspace(0.0, 12.0, DIMENSION))
    with pytest.raises(NotCertified, match="rounding"):
        solve(equations, right, goal)


@pytest.mark.parametrize("label", [np.inf, np.nan])
def test_what_is_not_finite_is_an_error(label):
    _, equations, _, goal = posed(40, None)
    with pytest.raises(NotCertified, match="not finite"):
        solve(equations, [np.array([label])], goal)


def test_labels_without_deviation_give_none():
    _, equations, _, goal = posed(40, None)
    assert not solve(equations, [np.zeros(0)], goal).any()
