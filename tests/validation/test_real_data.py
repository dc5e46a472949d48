"""Reading data: what comes out satisfies the identities that define it."""

import sys

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_digits

from modelcollapse.theory.problem import MissingExtra, Population, SpecificationError
from modelcollapse.validation.real_data import RealData, diabetes, digits, population_from_data, read_data


def synthetic(rows=60):
    """Six columns: two independent, a duplicate, a constant, a sum of the first two, one far from zero."""
    rng = np.random.default_rng(0)
    first, second, far = rng.normal(size=(3, rows))
    X = np.column_stack([first, second, first, np.full(rows, 0.1), first + second, 1e6 + far])
    return X, X @ [1.0, -2.0, 0.5, 3.0, 0.0, 1.0] + 0.1 * rng.normal(size=rows)


def standardised(X):
    varying = X[:, np.ptp(X, axis=0) > 0]
    return (varying - varying.mean(0)) / varying.std(0)


CASES = {
    "digits": lambda: (load_digits().data, load_digits().target),
    "diabetes": lambda: (load_diabetes().data, load_diabetes().target),
    "synthetic": synthetic,
}


@pytest.fixture(scope="module", params=CASES)
def case(request):
    X, y = CASES[request.param]()
    return X, y, read_data(X, y)


def test_the_rows_have_the_covariance_of_the_population(case):
    _, _, data = case
    covariance = data.rows.T @ data.rows / len(data.rows)
    np.testing.assert_allclose(covariance, np.diag(data.population.spectrum.eigenvalues()), atol=1e-12)


def test_the_rows_are_the_standardised_columns_in_an_orthonormal_basis(case):
    X, _, data = case
    np.testing.assert_allclose(data.rows @ data.basis.T, standardised(X), atol=1e-8)
    np.testing.assert_allclose(data.basis.T @ data.basis, np.eye(data.rank), atol=1e-12)


def test_the_truth_and_the_noise_are_those_of_least_squares(case):
    X, y, data = case
    response = (y - y.mean()) / y.std()
    columns = standardised(X)
    weights = np.linalg.lstsq(columns, response, rcond=None)[0]
    truth = data.population.target.values
    np.testing.assert_allclose(data.basis @ truth, weights, atol=1e-8)
    residual = response - columns @ weights
    assert data.noise == pytest.approx(np.sqrt(residual @ residual / (len(y) - 1 - data.rank)))
    assert data.explained == pytest.approx(1 - residual.var())


def test_constant_columns_and_dependent_directions_are_dropped():
    data = read_data(*synthetic(), names=list("abcdef"))
    assert (data.kept, data.dropped, data.rank) == ((0, 1, 2, 4, 5), (3,), 3)
    assert data.population.dimension == 3
    assert "constant columns dropped: d" in repr(data)


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_units_do_not_matter(scale):
    X, y = synthetic()
    plain, rescaled = read_data(X, y), read_data(X * scale, y * scale)
    np.testing.assert_allclose(rescaled.rows, plain.rows, atol=1e-9)
    assert rescaled.noise == pytest.approx(plain.noise)


def test_a_column_that_varies_only_by_rounding_is_constant():
    X, y = synthetic()
    X[:, 3] = 0.1 * (1 + np.finfo(float).eps * (np.arange(len(X)) % 2))
    assert read_data(X, y).dropped == (3,)


def test_bundled_data_sets():
    assert (digits().rank, len(digits().dropped), len(digits().rows)) == (61, 3, 1797)
    assert (diabetes().rank, diabetes().names[2]) == (10, "bmi")


def test_the_result_is_immutable_and_compares_by_content():
    X, y = synthetic()
    data = read_data(X, y)
    assert data == read_data(X.copy(), y.copy())
    assert data != read_data(X, -y)
    with pytest.raises(ValueError, match="read-only"):
        data.rows[0, 0] = 1.0


def test_population_from_data_gives_population_and_noise():
    X, y = synthetic()
    population, noise = population_from_data(X, y)
    assert isinstance(population, Population)
    assert noise == read_data(X, y).noise


def test_html_escapes_column_names():
    X, y = synthetic()
    html = read_data(X, y, names=["a", "b", "c", "<script>", "e", "f"])._repr_html_()
    assert "&lt;script&gt;" in html
    assert "<script>" not in html


X, Y = synthetic()


BAD = {
    "one dimension": ("X", (X[:, 0], Y)),
    "text": ("X", (X.astype(str), Y)),
    "complex": ("X", (X + 0j, Y)),
    "booleans": ("X", (X > 0, Y)),
    "mask": ("X", (np.ma.masked_array(X), Y)),
    "ragged": ("X", ([[1.0], [1.0, 2.0]], Y)),
    "not finite": ("X", (np.where(X > 2, np.nan, X), Y)),
    "one row": ("X", (X[:1], Y[:1])),
    "no columns": ("X", (X[:, :0], Y)),
    "all constant": ("X", (np.ones_like(X), Y)),
    "no residual": ("X", (X[:4], Y[:4])),
    "column vector": ("y", (X, Y[:, None])),
    "infinite y": ("y", (X, np.where(Y > 2, np.inf, Y))),
    "constant y": ("y", (X, np.full_like(Y, 0.1))),
    "length": ("y", (X, Y[:-1])),
}


@pytest.mark.parametrize(("field", "arguments"), BAD.values(), ids=BAD.keys())
def test_bad_data_is_refused(field, arguments):
    with pytest.raises(SpecificationError) as caught:
        read_data(*arguments)
    assert caught.value.field == field


def test_one_name_for_each_column():
    with pytest.raises(SpecificationError, match="names"):
        read_data(X, Y, names=["a"])


def test_without_scikit_learn_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(MissingExtra, match="report"):
        digits()


def test_the_type_is_exported_with_a_readable_repr():
    data = read_data(X, Y)
    assert isinstance(data, RealData)
    assert repr(data).startswith("RealData\n  rows: 60\n  columns kept: 5")
