"""Scaling laws against the theorem's own numbers: slopes, constants, best penalties."""

import numpy as np
import pytest
import sympy
from scipy.optimize import minimize_scalar

from modelcollapse.theory.asymptotics import Demystified, asymptotic, optimal_penalty, scaling_law
from modelcollapse.theory.asymptotics.power_law import PowerSpectrum
from modelcollapse.theory.asymptotics.scaling_terms import BIAS, DIRECT, SPREAD, VARIANCE
from modelcollapse.theory.evaluation.law_errors import errors_along
from modelcollapse.theory.evaluation.prediction import predict
from modelcollapse.theory.problem import Population, PowerLaw, Ridge, SourceCondition, demystified
from modelcollapse.theory.problem import notation as x
from modelcollapse.theory.problem.errors import SpecificationError
from modelcollapse.theory.rules.trace import Trace

MOST = 10**6


def slopes(values, rows):
    return -np.diff(np.log(values)) / np.diff(np.log(rows))


def parts_of(law, rows):
    parts = law.parts(rows)
    return {"bias": parts[BIAS], "variance": parts[VARIANCE], "collapse": parts[DIRECT] + parts.get(SPREAD, 0.0)}


@pytest.mark.parametrize("generators", [0, 1, 3])
def test_the_theorem_as_a_formula_is_what_predict_gives_for_the_chain(generators):
    family = Demystified(1.5, 0.6, 0.5, generator_ratio=0.4, noise=0.7, generator_noise=0.3, penalty_scale=0.2)
    rows = 500
    population = Population(PowerLaw(200, 1.5), SourceCondition(0.6))
    estimator = Ridge(0.2 * rows**-0.5)
    chain = demystified(
        population,
        generators=generators,
        generator_rows=rows,
        generator_noise=0.3,
        rows=rows,
        noise=0.7,
        estimator=estimator,
    )
    if generators == 0:
        family = Demystified(1.5, 0.6, 0.5, generator_ratio=0.4, noise=0.7, generator_noise=0, penalty_scale=0.2)
    else:
        family = Demystified(**{**vars(family), "generations_scale": generators})
    found = errors_along(family, [rows])
    assert found.error[0] == pytest.approx(predict(chain).error[-1], rel=1e-12)
    assert found.bias[0] == pytest.approx(predict(chain).bias[-1], rel=1e-12)
    assert found.dimension[0] == 200


# The specification's table; rows as large as a million eigenvalues allow. Of all but two the parts are one term each.
TABLE = {
    (1.5, 0.5, 0.6, 0, 1.3, 0): (1e9, (0.6, 0.6, 0.9)),
    (2, 0.375, 0.8, 0.2, 1.4, 0): (1e9, (0.6, 0.6, 0.8)),
    (1.3, 1, 0.4, 0, 1.25, 0): (1e10, (None, 0.692, 0.942)),
    (1.5, 1.5, 0.4, 0.3, 1.5, 0): (1e9, (0.8, 0.733, 0.933)),
    (1.5, 0.5, 0.45, 0, 0.8, 0.5): (7.5e7, (0.45, 0.7, 0.5)),
    (1.5, 0.5, 0.6, 0, 1, 0.5): (2e6, (0.6, 0.6, 0.6)),
    (2, 0.75, 0.5, 0, 0.7, 0.5): (1e9, (0.75, 0.75, 0.45)),
}


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_slopes_and_constants_of_the_table(row):
    """To 0.01 in the exponent and 1 % in the constant, in all three parts."""
    most, predicted = TABLE[row]
    family, rows = Demystified(*row), most * np.array([0.5, 1.0])
    found = errors_along(family, rows, dimension=MOST if row[-1] == 0 else None)
    for (name, law), slope in zip(parts_of(scaling_law(family), rows).items(), predicted, strict=True):
        exact = getattr(found, name)
        np.testing.assert_allclose(exact, law, rtol=0.01)
        np.testing.assert_allclose(slopes(exact, rows), slopes(law, rows), atol=0.01)
        if slope is not None:
            np.testing.assert_allclose(slopes(exact, rows), slope, atol=0.01)


def test_the_logarithm_is_why_the_slope_of_source_one_reads_073():
    """The specification measured .730 for .8; the law with the logarithm says so of a few million rows."""
    family, rows = Demystified(1.3, 1, 0.4, 0, 1.25), np.array([1e6, 1e7])
    exact, law = errors_along(family, rows, dimension=10**5).bias, parts_of(scaling_law(family), rows)["bias"]
    np.testing.assert_allclose(exact, law, rtol=0.01)
    np.testing.assert_allclose(slopes(exact, rows), 0.73, atol=0.01)


def test_two_terms_of_the_collapse_make_one_slope():
    """phi_0 = .3, b = 1.2: the slope .74 at 2.5e5 rows is that of two terms, .9 and .7. The rest is df_2's -1/2."""
    family, rows = Demystified(2, 0.5, 0.6, 0, 1.2, 0.3), np.array([1.25e5, 2.5e5])
    found, law = errors_along(family, rows), parts_of(scaling_law(family), rows)
    np.testing.assert_allclose(found.bias, law["bias"], rtol=0.01)
    np.testing.assert_allclose(slopes(found.collapse, rows), 0.743, atol=0.01)
    np.testing.assert_allclose(slopes(found.collapse, rows), slopes(law["collapse"], rows), atol=0.01)
    two = asymptotic(Trace(x.q**2), PowerSpectrum(sympy.Integer(2))).pieces[:2]
    kept = [float(sum(piece.value(kappa) for piece in two) / two[0].value(kappa)) for kappa in found.kappa]
    for name in ("variance", "collapse"):
        np.testing.assert_allclose(getattr(found, name), law[name] * kept, rtol=0.001)


def test_out_of_range_is_a_plateau():
    """b = .2, the clean penalty .6 > b beta: the formula of the inside would grow like T^(.2)."""
    family, rows = Demystified(1.5, 0.5, 0.6, 0, 0.2, 0.5, generations_scale=3), np.array([1e15, 1e17])
    law, found = scaling_law(family), errors_along(family, rows)
    assert (law.exponent, law.constant) == (0, 3)
    np.testing.assert_allclose(found.collapse, 3, rtol=0.01)
    np.testing.assert_allclose(found.error, law.error_at(rows), rtol=0.01)


def test_the_plateau_is_reached_slowly_where_the_penalty_is_near_the_last_eigenvalue():
    """The specification's b = .35: flat, not growing like T^(.05); s_d/kappa = T^(.075), so below the plateau still."""
    family, rows = Demystified(1.5, 0.5, 0.6, 0, 0.35, 0.5, generations_scale=3), np.array([1e5, 1e6, 1e15, 1e17])
    found = errors_along(family, rows)
    slope = slopes(found.error, rows)
    assert np.all((slope > -0.012) & (slope < 0.02))
    assert np.all(np.diff(found.collapse) > 0)
    assert np.all((found.collapse > 2) & (found.collapse < scaling_law(family).constant))


@pytest.mark.parametrize(
    ("rows_exponent", "slope"), [(1, 0.6), (0.8, 0.4), (0.6, 0.2), (0.45, 0.05)], ids=["1", ".8", ".6", ".45"]
)
def test_the_clean_penalty_kept(rows_exponent, slope):
    """Exponents of the specification's last line: the law says b - 1/(2 r beta + 1)."""
    law = scaling_law(Demystified(1.5, 0.5, 0.6, 0, rows_exponent, 0.5, generations_scale=3))
    assert float(law.exponent) == pytest.approx(slope)


# beta, r, a, b, phi_0, sigma: of the penalty, and of the error that it leaves, the exponents over T = 1e3, ..., 1e6.
PENALTIES = [
    (1.5, 0.5, 0, 0.8, 0.5, 1),
    (1.5, 0.5, 0, 1, 0.5, 1),
    (2, 0.5, 0.2, 0.9, 0.5, 1),
    (1.5, 0.5, 0, 0.78, 0.5, 0),
    (2, 0.375, 0.2, 1, 0.5, 1),
    (1.3, 0.3, 0, 1, 0.4, 1),
]


def best_along(family, rows):
    """Penalties of least error, and the errors, by search."""
    start = optimal_penalty(family).penalty_at(rows)
    found = []
    for many, first in zip(rows, start, strict=True):

        def error(change, many=many, first=first):
            return float(errors_along(family, many, penalty=first * np.exp(change)).error)

        best = minimize_scalar(error, bracket=(-0.3, 0.3), tol=1e-5)
        found.append((first * np.exp(best.x), best.fun))
    return np.array(found).T


def exponent(values, rows):
    return -np.polyfit(np.log(rows), np.log(values), 1)[0]


@pytest.mark.parametrize("numbers", PENALTIES, ids=str)
def test_the_best_penalty_has_the_critical_exponent(numbers):
    *shape, noise = numbers
    family = Demystified(shape[0], shape[1], 1, *shape[2:], noise=noise)
    rows, best = np.geomspace(1e3, 1e6, 4), optimal_penalty(family)
    penalties, errors = best_along(family, rows)
    assert exponent(penalties, rows) == pytest.approx(float(best.exponent), abs=0.015)
    assert exponent(errors, rows) == pytest.approx(float(best.error_exponent), abs=0.015)


def test_at_source_one_the_best_penalty_follows_the_law_with_the_logarithm():
    """The powers alone, .375 and .75, are far off at a million rows."""
    family, rows = Demystified(1.5, 1, 1, 0, 1, 0.5), np.geomspace(1e3, 1e6, 4)
    best = optimal_penalty(family)
    penalties, errors = best_along(family, rows)
    assert abs(exponent(penalties, rows) - float(best.exponent)) > 0.03
    assert exponent(penalties, rows) == pytest.approx(exponent(best.penalty_at(rows), rows), abs=0.015)
    assert exponent(errors, rows) == pytest.approx(exponent(best.error_at(rows), rows), abs=0.015)
    assert penalties[-1] == pytest.approx(best.penalty_at(rows)[-1], rel=0.01)


def test_bad_input_is_named():
    family = Demystified(1.5, 0.5, 0.6)
    with pytest.raises(SpecificationError, match="dimension"):
        errors_along(family, [100.0])
    with pytest.raises(SpecificationError, match="dimension \\+ 2"):
        errors_along(family, [100.0], dimension=99)
    with pytest.raises(SpecificationError, match="numbers only"):
        errors_along(Demystified(1.5, sympy.Symbol("r", positive=True), 0.6), [100.0], dimension=9)
    with pytest.raises(SpecificationError, match="rows"):
        errors_along(family, [0.0], dimension=9)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ((1.5, [10.0]), "family"),
        ((Demystified(2, 0.5, 0.5, generator_ratio=0.5), "x"), "rows"),
        ((Demystified(2, 0.5, 0.5, generator_ratio=0.5), [True]), "rows"),
    ],
)
def test_what_is_no_number_is_named(given, field):
    with pytest.raises(SpecificationError) as caught:
        errors_along(*given)
    assert caught.value.field == field


def test_penalties_that_are_no_numbers_are_named():
    with pytest.raises(SpecificationError, match="penalty: "):
        errors_along(Demystified(2, 0.5, 0.5, generator_ratio=0.5), 100, penalty="x")
