"""The estimators that the reduction is tried on, each derived once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import sympy

from modelcollapse.theory.algebra.dyson import dyson
from modelcollapse.theory.algebra.expression import identity, inv
from modelcollapse.theory.algebra.model import Model, ridge, stack
from modelcollapse.theory.algebra.pencil import pencil
from modelcollapse.theory.algebra.program import Program
from modelcollapse.theory.algebra.reduction import Reduced, reduced
from modelcollapse.theory.algebra.risk import Traces, risk, tr


def fit(covariance: object = None, metric: bool = True) -> Traces:
    """One generation of ridge; the risk in the metric Sigma, or as the sum over coordinates."""
    m = Model()
    X = m.design("X", "T", covariance=covariance)
    w = ridge(X, X @ m.truth + m.noise("sigma"), "lambda")
    return risk(w) if metric else risk(w, identity(m.features))


def chain(generations: int) -> Traces:
    """Each generation labels fresh rows for the next."""
    m = Model()
    w = m.truth
    for g in range(generations):
        X = m.design(f"X_{g}", f"T_{g}")
        w = ridge(X, X @ w + m.noise("sigma"), f"lambda_{g}")
    return risk(w)


def projection(covariance: object = None, metric: bool = True) -> Traces:
    """Ridge on random projections of the features."""
    m = Model()
    X, P = m.design("X", "T", covariance=covariance), m.projection("P", "m")
    w = P.T @ ridge(X @ P.T, X @ m.truth + m.noise("sigma"), "lambda")
    return risk(w) if metric else risk(w, identity(m.features))


def mixture(*covariances: object, weights: object = None, projected: bool = False, metric: bool = True) -> Traces:
    """Sources pooled, the second with other labels than the first."""
    m = Model()
    designs = [m.design(f"X_{k}", f"T_{k}", covariance=c) for k, c in enumerate(covariances, 1)]
    truths = [m.truth, m.truth + m.offset("delta", "delta_2"), *[m.truth] * (len(designs) - 2)]
    labels = [X @ w + m.noise(f"sigma_{k}") for k, (X, w) in enumerate(zip(designs, truths, strict=True), 1)]
    if projected:
        P = m.projection("P", "m")
        w = P.T @ ridge(stack(*(X @ P.T for X in designs), weights=weights), stack(*labels), "lambda")
    else:
        w = ridge(stack(*designs, weights=weights), stack(*labels), "lambda")
    return risk(w) if metric else risk(w, identity(m.features))


def accumulation(generations: int, same: bool = False) -> Traces:
    """Rows are kept and fitted again; `same`: all generations label the same rows."""
    m = Model()
    w, designs, labels = m.truth, [], []
    for g in range(generations):
        designs.append(designs[0] if same and g else m.design(f"X_{g}", f"T_{g}"))
        labels.append(designs[-1] @ w + m.noise("sigma"))
        w = ridge(stack(*designs), stack(*labels), "lambda" if same else f"lambda_{g}")
    return risk(w)


def resolvents(penalty: str | None = None) -> Traces:
    """tr S R S R with the penalty times a covariance, or times the identity."""
    m = Model()
    X = m.design("X", "T")
    matrix = identity(m.features) if penalty is None else m.spectrum(penalty)
    R = inv(X.T @ X + "lambda" * matrix)
    return tr(m.metric @ R @ m.metric @ R)


def prior() -> Traces:
    """tr S R S R with a covariance and a multiple of the identity for the penalty."""
    m = Model()
    X = m.design("X", "T")
    R = inv(X.T @ X + m.metric + "lambda" * identity(m.features))
    return tr(m.metric @ R @ m.metric @ R)


def known_resolvent() -> Traces:
    """A resolvent without anything random in it, next to a random matrix."""
    m = Model()
    X = m.design("X", "T")
    R = inv(m.metric + "lambda" * identity(m.features))
    return tr(X.T @ X @ R @ X.T @ X @ R)


CERTIFIED: dict[str, Callable[[], Traces]] = {
    "ridge": fit,
    "ridge, other covariance": lambda: fit("Sigma_1"),
    "ridge, squared covariance": lambda: fit(Model().metric @ Model().metric),
    "ridge, isotropic": lambda: fit(1, metric=False),
    "two resolvents": resolvents,
    "two resolvents, penalty matrix": lambda: resolvents("Sigma_2"),
    "penalty with a covariance": prior,
    "known resolvent": known_resolvent,
    "projection": projection,
    "projection, isotropic": lambda: projection(1, metric=False),
    "mixture": lambda: mixture("Sigma", "Sigma"),
    "mixture, weighted": lambda: mixture("Sigma", "Sigma", weights=["a_1", "a_2"]),
    "mixture, two covariances": lambda: mixture("Sigma", "Sigma_2"),
    "mixture, two covariances, weighted": lambda: mixture("Sigma", "Sigma_2", weights=["a_1", "a_2"]),
    "mixture, two scales": lambda: mixture(1, sympy.Symbol("c"), metric=False),
    "mixture, one source isotropic": lambda: mixture("Sigma", 1),
    "mixture, three sources": lambda: mixture("Sigma", "Sigma", "Sigma_3"),
    "mixture, three covariances": lambda: mixture("Sigma", "Sigma_2", "Sigma_3"),
    "mixture, projected": lambda: mixture("Sigma", "Sigma", projected=True),
    "mixture, two covariances, projected": lambda: mixture("Sigma", "Sigma_2", projected=True),
    "chain": lambda: chain(2),
    "same rows again": lambda: accumulation(2, same=True),
}
FAST = ("ridge", "ridge, other covariance", "projection", "mixture", "mixture, two covariances")


@cache
def derived(name: str) -> Program:
    """The straight-line program of one of the above."""
    return dyson(pencil(CERTIFIED[name]().parts))


@cache
def reduction(name: str) -> Reduced:
    """Its reduction."""
    return reduced(derived(name))
