"""Lowering: a whitelist of nodes, each evaluated as NumPy would, everything else refused by name."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special
import sympy

from modelcollapse.theory.evaluation.lowering import Nodes, UnsupportedExpression, evaluate, run
from modelcollapse.theory.problem import notation as x
from modelcollapse.theory.rules.trace import Trace

S, COUNTS = np.array([3.0, 0.4, 1e-300]), np.array([2.0, 5.0, 1.0])
TAU = np.array([0.7, 0.2, 0.9])  # per direction
KAPPA, ROWS = 0.6, 7.0


@pytest.fixture
def value():
    """Evaluate an expression in float64 at the numbers above."""

    def call(expression, **more):
        with jax.enable_x64(True):
            nodes = Nodes(jnp.asarray(S), jnp.asarray(COUNTS), jnp.asarray(COUNTS * TAU))
            known = {x.kappa: jnp.asarray(KAPPA), x.rows: jnp.asarray(ROWS)}
            return np.asarray(evaluate(expression, known | more.get("known", {}), nodes))

    return call


CASES = {
    "a symbol": (x.kappa, KAPPA),
    "a rational": (sympy.Rational(2, 3) * x.kappa, 2 / 3 * KAPPA),
    "a power": (x.kappa**3 / x.rows**2, KAPPA**3 / ROWS**2),
    "a function of the eigenvalue": (x.s / (x.s + x.kappa), S / (S + KAPPA)),
    "a sum over directions": (Trace(x.s**2), np.sum(COUNTS * S**2)),
    "a count of directions": (2 * Trace(sympy.S.One) / x.rows, 2 * np.sum(COUNTS) / ROWS),
    "a sum over the truth": (Trace(x.tau * x.s), np.sum(COUNTS * TAU * S)),
    "a mixed sum": (Trace((x.tau + x.kappa) * x.s), np.sum(COUNTS * (TAU + KAPPA) * S)),
    "a product of sums": (
        x.s * Trace(x.s) * Trace(x.tau) / x.rows,
        S * np.sum(COUNTS * S) * np.sum(COUNTS * TAU) / ROWS,
    ),
    "a truth per direction": (x.tau / x.s, TAU / S),
    "a nested sum": (Trace(x.s / (x.s + Trace(x.s))), np.sum(COUNTS * S / (S + np.sum(COUNTS * S)))),
}


@pytest.mark.parametrize("name", CASES)
def test_every_node_of_the_whitelist(value, name):
    expression, expected = CASES[name]
    np.testing.assert_allclose(value(expression), expected, rtol=1e-15)


def test_shrinkage_factors_survive_tiny_eigenvalues(value):
    """kappa/(s + kappa) and s/(s + kappa) at 1e-300 are neither 0/0 nor NaN."""
    tiny = {x.kappa: np.float64(1e-300)}
    np.testing.assert_allclose(value(x.kappa / (x.s + x.kappa), known=tiny)[2], 0.5, rtol=1e-15)
    np.testing.assert_allclose(value(Trace(x.s / (x.s + x.kappa)), known=tiny), 7.5, rtol=1e-15)


@pytest.mark.parametrize(
    "expression",
    [
        sympy.tan(x.kappa),
        sympy.cbrt(x.kappa),
        sympy.polygamma(x.rows, x.kappa),
        0.5 * sympy.pi * x.kappa,
        sympy.Float(0.3),
        x.kappa**x.rows,
        sympy.Function("f")(x.s),
        Trace(sympy.exp(x.s)),
        sympy.Integral(x.kappa, x.kappa),
        x.kappa < x.rows,
    ],
    ids=str,
)
def test_everything_else_is_refused(value, expression):
    with pytest.raises(UnsupportedExpression):
        value(expression)


def test_a_symbol_without_a_value_is_named(value):
    with pytest.raises(UnsupportedExpression, match="lambda"):
        value(x.kappa + x.penalty)


def test_a_trace_is_linear_in_the_truth(value):
    with pytest.raises(UnsupportedExpression, match="linear"):
        value(Trace(x.tau**2))


def test_definitions_run_in_order():
    with jax.enable_x64(True):
        nodes = Nodes(*(jnp.asarray(part) for part in (S, COUNTS, COUNTS * TAU)))
        program = ((x.q, x.s / (x.s + x.kappa)), (x.df_1, Trace(x.q)), (x.margin_1, x.rows - x.df_1))
        result = run(program, {x.kappa: jnp.asarray(KAPPA), x.rows: jnp.asarray(ROWS)}, nodes)
    assert float(result[x.margin_1]) == pytest.approx(ROWS - np.sum(COUNTS * S / (S + KAPPA)), rel=1e-15)


def test_the_functions_of_the_theorem_book(value):
    """Sine, cosine, logarithm, square root, error function and polygamma against SciPy."""
    known = {x.kappa: np.float64(0.7)}
    for expression, expected in (
        (sympy.sin(x.kappa), np.sin(0.7)),
        (sympy.cos(x.kappa), np.cos(0.7)),
        (sympy.sqrt(x.kappa), 0.7**0.5),
        (sympy.digamma(x.kappa), scipy.special.digamma(0.7)),
        (sympy.polygamma(1, x.kappa), scipy.special.polygamma(1, 0.7)),
        (sympy.log(x.kappa), np.log(0.7)),
        (sympy.erfc(x.kappa), scipy.special.erfc(0.7)),
        (sympy.pi * x.kappa, np.pi * 0.7),
    ):
        np.testing.assert_allclose(value(expression, known=known), expected, rtol=1e-14)
