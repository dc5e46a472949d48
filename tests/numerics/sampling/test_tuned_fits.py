"""All fits of the same rows: models and generalised cross-validation against their definitions."""

import numpy as np
import pytest

from modelcollapse.numerics.sampling.triangles import factor, from_below
from modelcollapse.numerics.sampling.tuned_fits import offered

RIDGES = np.array([1e-6, 0.3, 2.0, 50.0])
SCALE = np.array([2.0, 0.7, 0.1])


def by_definition(rows, labels, ridge):
    """The model, and the generalised cross-validation, by normal equations and an explicit hat matrix."""
    inverse = np.linalg.inv(rows.T @ rows + ridge * np.eye(rows.shape[1]))
    hat, count = rows @ inverse @ rows.T, len(rows)
    residual = labels - hat @ labels
    return inverse @ rows.T @ labels, residual @ residual / count / (1 - np.trace(hat) / count) ** 2


@pytest.mark.parametrize("count", [2, 3, 4, 9])
def test_fits_and_scores_are_those_of_the_definitions(count):
    generator = np.random.default_rng(count)
    white, labels = generator.normal(size=(count, 3)), generator.normal(size=count)
    found = offered(white, labels, 0.0, count, RIDGES, SCALE)
    for place, ridge in enumerate(RIDGES):
        model, score = by_definition(white * np.sqrt(SCALE), labels, ridge)
        np.testing.assert_allclose(found.models[place], np.sqrt(SCALE) * model, rtol=1e-6)
        np.testing.assert_allclose(found.validation[place], score, rtol=1e-6)


def test_triangles_with_what_they_leave_out_score_as_the_rows():
    generator = np.random.default_rng(5)
    white, labels = generator.normal(size=(11, 3)), generator.normal(size=11)
    orthogonal, triangle = np.linalg.qr(white)
    inside = orthogonal.T @ labels
    reduced = offered(triangle, inside, labels @ labels - inside @ inside, 11, RIDGES, SCALE)
    whole = offered(white, labels, 0.0, 11, RIDGES, SCALE)
    np.testing.assert_allclose(reduced.validation, whole.validation, rtol=1e-10)
    np.testing.assert_allclose(reduced.models, whole.models, rtol=1e-10)


def test_where_all_rows_weigh_alike_it_is_leaving_one_out():
    """Rows of signs at right angles: each is left out in turn, and fitted again with the same ridge."""
    signs = np.array([[1.0, 1], [1, -1], [-1, 1], [-1, -1]])
    labels = np.array([1.0, -0.3, 2.0, 0.4])
    found = offered(signs, labels, 0.0, 4, RIDGES, np.ones(2))
    for score, ridge in zip(found.validation, RIDGES, strict=True):
        kept = [np.delete(np.arange(4), place) for place in range(4)]
        models = [by_definition(signs[rest], labels[rest], ridge)[0] for rest in kept]
        left_out = [(labels[place] - signs[place] @ models[place]) ** 2 for place in range(4)]
        np.testing.assert_allclose(score, np.mean(left_out), rtol=1e-9)


def test_interpolating_fits_have_a_score():
    """As the ridge vanishes on as many rows as there are directions or fewer, RSS/(1 - df/n)^2 has a limit."""
    generator = np.random.default_rng(2)
    rows, labels = generator.normal(size=(3, 3)), generator.normal(size=3)
    gram = np.linalg.inv(rows @ rows.T)
    limit = 3 * np.sum((gram @ labels) ** 2) / np.trace(gram) ** 2
    for ridge, tolerance in ((1e-6, 1e-3), (1e-12, 1e-9), (1e-60, 1e-9), (1e-300, 1e-9)):
        [score] = offered(rows, labels, 0.0, 3, np.array([ridge]), np.ones(3)).validation
        np.testing.assert_allclose(score, limit, rtol=tolerance)


@pytest.mark.parametrize(("rows", "d"), [(9, 4), (4, 4), (2, 4)])
def test_triangles_have_the_mean_square_of_rows(rows, d):
    """E Z'Z = n I, and E |Z'Z|^2 = n d (n + d + 1)."""
    generator = np.random.default_rng(7)
    kinds = [lambda: factor(generator, rows, d)]
    if rows >= d:
        kinds.append(lambda: from_below(generator, rows, d).T)
    for draw in kinds:
        squares = np.array([one.T @ one for one in (draw() for _ in range(4000))])
        error = squares.std(axis=0) / 4000**0.5
        assert np.all(np.abs(squares.mean(axis=0) - rows * np.eye(d)) < 4.5 * error)
        lengths = np.sum(squares**2, axis=(1, 2))
        assert abs(lengths.mean() - rows * d * (rows + d + 1)) < 4.5 * lengths.std() / 4000**0.5
