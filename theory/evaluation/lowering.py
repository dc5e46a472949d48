"""Lowering: SymPy expressions of the theorem book evaluated on JAX arrays.

A walk over a whitelist of node types; nothing is printed to source code and nothing is executed from names.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import sympy

from ..problem import notation as x
from ..problem.errors import ModelCollapseError
from ..rules.gaussian import Failures, NormalMean, PartialMoment, Tries, Z
from ..rules.normal import BivariateNormalCdf, NormalCdf, NormalDensity
from ..rules.trace import Trace
from .bivariate_normal import bivariate_cdf, density
from .gaussian import GRID, failures, normal_mean, partial_moment, tries
from .summation import pairwise_sum

Environment = Mapping[Any, Any]
REMEMBERED = 4096  # expressions


class UnsupportedExpression(ModelCollapseError, TypeError):
    """A node that the whitelist does not know; the message shows it."""


class Nodes(NamedTuple):
    """A spectrum as a weighted sum: Tr[f] = sum counts f(s), Tr[tau f] = sum target f(s).

    Attributes:
        s: eigenvalues > 0, shape (nodes,).
        counts: how many eigenvalues a node stands for.
        target: the total of tau over them.
    """

    s: Any
    counts: Any
    target: Any


def evaluate(expression: Any, environment: Environment, nodes: Nodes) -> Any:
    """The value of an expression: a number, or an array over the nodes where it depends on the eigenvalue.

    Args:
        expression: built from symbols, numbers, sums, products, powers, `Trace`, sin, cos, log, sign, erfc, polygamma,
            the inverse error function, the normal laws of theory/rules/normal.py and the means of
            theory/rules/gaussian.py.
        environment: values of the symbols; spectral ones have shape (nodes,), all others are 0-dimensional.
        nodes: the spectrum; gives meaning to `Trace` and to tau.

    Raises:
        UnsupportedExpression: for any other node, or a symbol without a value.
    """
    return evaluator(environment, nodes)(expression)


def evaluator(environment: Environment, nodes: Nodes) -> Callable[[Any], Any]:
    """`evaluate` for many expressions: what they have in common is computed once."""
    values, seen = {**environment, x.s: nodes.s, Z: GRID}, dict[Any, Any]()
    return lambda expression: _walk(expression, values, nodes, seen)


def run(program: Iterable[tuple[Any, Any]], environment: Environment, nodes: Nodes) -> dict[Any, Any]:
    """The environment after a straight-line program of definitions."""
    values = dict(environment)
    for symbol, expression in program:
        values[symbol] = evaluate(expression, values, nodes)
    return values


def _walk(node: Any, values: Environment, nodes: Nodes, seen: dict[Any, Any]) -> Any:
    if node not in seen:
        seen[node] = _value(node, values, nodes, seen)
    return seen[node]


def _value(node: Any, values: Environment, nodes: Nodes, seen: dict[Any, Any]) -> Any:
    if node == x.tau:
        return nodes.target / nodes.counts
    if node.is_Symbol:
        if node not in values:
            raise UnsupportedExpression(f"no value is known for the symbol {node}")
        return values[node]
    if node.is_number and node.is_real and not node.has(sympy.Float, Trace):  # formulas hold no rounded numbers
        return float(node)
    if isinstance(node, sympy.polygamma) and node.args[0].is_Integer:
        return _polygamma(int(node.args[0]), _walk(node.args[1], values, nodes, seen))
    if type(node) in _FUNCTIONS:
        return _FUNCTIONS[type(node)](*(_walk(argument, values, nodes, seen) for argument in node.args))
    if isinstance(node, PartialMoment):
        return partial_moment(int(node.args[0]), *(_walk(limit, values, nodes, seen) for limit in node.args[1:]))
    if isinstance(node, NormalMean):
        return normal_mean(_walk(node.args[0], values, nodes, seen))
    if isinstance(node, Trace):
        return _trace(node.args[0], values, nodes, seen)
    if node.is_Pow and node.exp == sympy.Rational(1, 2):
        return jnp.sqrt(_walk(node.base, values, nodes, seen))
    if node.is_Pow and node.exp.is_Integer:
        return _walk(node.base, values, nodes, seen) ** int(node.exp)
    if node.is_Add:
        terms = [_walk(term, values, nodes, seen) for term in node.args]
        return sum(terms[1:], start=terms[0])
    if node.is_Mul:
        # One division, so that 1/(s + kappa) is never formed on its own.
        above, below = _fraction(node)
        factors = [_walk(f, values, nodes, seen) for f in sympy.Mul.make_args(above)]
        value = math.prod(factors[1:], start=factors[0])
        return value if below == 1 else value / _walk(below, values, nodes, seen)
    raise UnsupportedExpression(f"{type(node).__name__} cannot be evaluated: {node}")


_FUNCTIONS: Mapping[Any, Callable[..., Any]] = {
    sympy.sin: jnp.sin,
    sympy.cos: jnp.cos,
    sympy.log: jnp.log,
    sympy.erfc: jax.scipy.special.erfc,
    sympy.erfinv: jax.scipy.special.erfinv,
    Tries: tries,
    Failures: failures,
    sympy.sign: jnp.sign,
    NormalDensity: density,
    NormalCdf: jax.scipy.special.ndtr,
    BivariateNormalCdf: bivariate_cdf,
}


def _polygamma(order: int, argument: Any) -> Any:
    if order == 0:
        return jax.scipy.special.digamma(argument)
    argument = jnp.asarray(argument)
    series = jax.scipy.special.zeta(jnp.asarray(order + 1.0, argument.dtype), argument)
    return (-1) ** (order + 1) * math.factorial(order) * series


def _trace(function: Any, values: Environment, nodes: Nodes, seen: dict[Any, Any]) -> Any:
    """Counts weigh the terms without tau, the target weighs those linear in tau."""
    total: Any = 0.0
    for coefficient, measure in zip(_powers_of_tau(function), (nodes.counts, nodes.target), strict=True):
        if coefficient != 0:
            total = total + pairwise_sum(measure * _walk(coefficient, values, nodes, seen))
    return total


# What SymPy rearranges depends on the expression alone; programs that share expressions meet them again and again.


@lru_cache(maxsize=REMEMBERED)
def _powers_of_tau(function: Any) -> tuple[Any, Any]:
    """The coefficients of 1 and of tau."""
    polynomial = sympy.Poly(function, x.tau)
    if polynomial.degree() > 1:
        raise UnsupportedExpression(f"a trace may be linear in tau only: tr[{function}]")
    free, linear = (sympy.factor_terms(polynomial.coeff_monomial(x.tau**power)) for power in (0, 1))
    return free, linear


@lru_cache(maxsize=REMEMBERED)
def _fraction(product: Any) -> tuple[Any, Any]:
    """Numerator and denominator."""
    above, below = product.as_numer_denom()
    return above, below
