"""Estimators written in the engine's own vocabulary, at generic parameters: what derivations are checked on.

A base dimension of 16 is where a ladder of sizes is affordable; no parameter equals 0, 1 or another one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ...theory.algebra.expression import Expression
from ...theory.algebra.model import Model, ridge, stack
from ...theory.algebra.polynomial import Letter
from ...theory.algebra.risk import Traces, risk

DIMENSION = 16
_K = np.arange(1, DIMENSION + 1)


class Example(NamedTuple):
    """Traces, and a number for each of their letters."""

    traces: Traces
    values: dict[Letter, Any]


def _example(estimator: Expression, **values: Any) -> Example:
    population = {"s": 1.7 * _K**-0.8, "theta": 0.31 * _K**-0.6}
    return Example(risk(estimator), {**population, "lambda": 0.06, "sigma": 0.45, **values})


def _ridge(rows: int, penalty: float) -> Example:
    m = Model()
    X = m.design("X", "T")
    return _example(ridge(X, X @ m.truth + m.noise("sigma"), "lambda"), T=rows, **{"lambda": penalty})


def _ridge_chain(*rows: int) -> Example:
    """Every generation on fresh rows, labelled by the one before."""
    m = Model()
    w: Expression = m.truth
    for g in range(1, len(rows) + 1):
        X = m.design(f"X_{g}", f"T_{g}")
        w = ridge(X, X @ w + m.noise(f"sigma_{g}"), f"lambda_{g}")
    values: dict[Letter, Any] = {f"T_{g}": count for g, count in enumerate(rows, start=1)}
    values |= {f"sigma_{g}": 0.3 + 0.07 * g for g in range(1, len(rows) + 1)}
    values |= {f"lambda_{g}": 0.04 + 0.015 * g for g in range(1, len(rows) + 1)}
    example = _example(w, **values)
    return Example(example.traces, {k: v for k, v in example.values.items() if k not in ("lambda", "sigma")})


def _projection(width: int) -> Example:
    m = Model()
    X, S = m.design("X", "T"), m.projection("S", "m")
    return _example(S.T @ ridge(X @ S.T, X @ m.truth + m.noise("sigma"), "lambda"), T=35, m=width)


def _mixture(second: str) -> Example:
    """Rows of a shifted truth, weighted, beside rows of the truth."""
    m = Model()
    X_1, X_2 = m.design("X_1", "T_1"), m.design("X_2", "T_2", covariance=second)
    y_1 = X_1 @ m.truth + m.noise("sigma")
    y_2 = X_2 @ (m.truth + m.offset("delta", "zeta")) + m.noise("sigma_2")
    w = ridge(stack(X_1, X_2, weights=[2, "a"]), stack(y_1, y_2), "lambda")
    other = {} if second == "Sigma" else {"s_2": 0.25 + 0.9 * ((3 * _K) % DIMENSION) / DIMENSION}
    return _example(w, T_1=22, T_2=27, sigma_2=0.6, a=1.4, zeta=0.14 * _K**-0.3, **other)


def _accumulation(generations: int) -> Example:
    """Every generation fits all rows so far."""
    m = Model()
    designs: list[Expression] = []
    labels: list[Expression] = []
    w: Expression = m.truth
    for g in range(1, generations + 1):
        designs.append(m.design(f"X_{g}", "T"))
        labels.append(designs[-1] @ w + m.noise("sigma"))
        w = ridge(stack(*designs), stack(*labels), "lambda")
    return _example(w, T=21)


def _relabelled() -> Example:
    """The same rows labelled again, twice."""
    m = Model()
    X = m.design("X", "T")
    w: Expression = m.truth
    for _ in range(3):
        w = ridge(X, X @ w + m.noise("sigma"), "lambda")
    return _example(w, T=38)


def _kept_rows() -> Example:
    """The same real rows beside fresh ones that the model before has labelled."""
    m = Model()
    real = m.design("X", "T")
    labels = real @ m.truth + m.noise("sigma")
    w = ridge(real, labels, "lambda")
    for g in (1, 2):
        fresh = m.design(f"Z_{g}", "n")
        w = ridge(stack(real, fresh), stack(labels, fresh @ w + m.noise("sigma_2")), "lambda")
    return _example(w, T=24, n=19, sigma_2=0.33)


def _kept_projection() -> Example:
    """One random projection for all generations."""
    m = Model()
    S = m.projection("S", "m")
    w: Expression = m.truth
    for g in (1, 2):
        X = m.design(f"X_{g}", "T")
        w = S.T @ ridge(X @ S.T, X @ w + m.noise("sigma"), "lambda")
    return _example(w, T=37, m=23)


EXPRESSIONS: dict[str, Callable[[], Example]] = {
    "ridge, rows above": lambda: _ridge(37, 0.06),
    "ridge, rows below": lambda: _ridge(11, 0.13),
    "ridge, two generations": lambda: _ridge_chain(29, 41),
    "ridge, three generations": lambda: _ridge_chain(43, 30, 36),
    "projection, width above": lambda: _projection(25),
    "projection, width below": lambda: _projection(10),
    "mixture, one covariance": lambda: _mixture("Sigma"),
    "mixture, two covariances": lambda: _mixture("Sigma_2"),
    "accumulation, two generations": lambda: _accumulation(2),
    "accumulation, three generations": lambda: _accumulation(3),
    "accumulation, four generations": lambda: _accumulation(4),
    "the same rows labelled again": _relabelled,
    "kept real rows": _kept_rows,
    "kept projection": _kept_projection,
}
