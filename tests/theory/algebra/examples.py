"""Estimators that the engine is tried on, each as the traces of its test error, with numbers to evaluate them at."""

import numpy as np

from modelcollapse.theory.algebra.expression import inv
from modelcollapse.theory.algebra.model import Model, ridge, stack
from modelcollapse.theory.algebra.polynomial import Polynomial
from modelcollapse.theory.algebra.risk import risk, tr


class Scaled:
    """A model all of whose Gaussian matrices have their variance multiplied by a letter, or by nothing."""

    def __init__(self, variance=None):
        self.model = Model()
        self.variance = Polynomial.number(1) if variance is None else Polynomial.letter(variance)

    def design(self, name, rows, covariance="Sigma"):
        return self.model.design(name, rows, self.model.spectrum(covariance) * self.variance)

    def projection(self, name, width):
        return self.model.projection(name, width, self.variance * Polynomial.letter(width, -1))


def resolvent(variance=None):
    made = Scaled(variance)
    X = made.design("X", "T")
    return tr(made.model.metric @ inv(X.T @ X + "lambda"))


def two_resolvents(variance=None):
    """The bias of ridge up to lambda^2, with a target between the two."""
    made = Scaled(variance)
    X = made.design("X", "T")
    R = inv(X.T @ X + "lambda")
    return tr(made.model.metric @ R @ made.model.spectrum("theta") @ R)


def chain(generations, variance=None):
    """Every generation is fitted to fresh rows that the previous one labels."""
    made = Scaled(variance)
    w = made.model.truth
    for g in range(generations):
        X = made.design(f"X_{g}", f"T_{g}")
        w = ridge(X, X @ w + made.model.noise("sigma"), "lambda")
    return risk(w)


def accumulation(generations, variance=None, same=False):
    """Every generation is fitted to all rows so far; they are fresh, or the first ones labelled again."""
    made = Scaled(variance)
    w, designs, labels = made.model.truth, [], []
    for g in range(generations):
        designs.append(designs[0] if same and g else made.design(f"X_{g}", f"T_{g}"))
        labels.append(designs[-1] @ w + made.model.noise("sigma"))
        w = ridge(stack(*designs), stack(*labels), "lambda")
    return risk(w)


def same_rows(generations, variance=None):
    """Every generation is fitted to the same rows, labelled again by the previous one."""
    made = Scaled(variance)
    w, X = made.model.truth, made.design("X", "T")
    for _ in range(generations):
        w = ridge(X, X @ w + made.model.noise("sigma"), "lambda")
    return risk(w)


def kept_rows(generations, variance=None):
    """The real rows, with the labels they were given, stay beside fresh rows labelled by the previous generation."""
    made = Scaled(variance)
    real = made.design("X_0", "T_0")
    recorded = real @ made.model.truth + made.model.noise("sigma")
    w = ridge(real, recorded, "lambda")
    for g in range(1, generations):
        X = made.design(f"X_{g}", f"T_{g}")
        w = ridge(stack(real, X), stack(recorded, X @ w + made.model.noise("sigma")), "lambda")
    return risk(w)


def projection(variance=None):
    """Ridge on a random projection of the features."""
    return projected_chain(1, variance)


def projected_chain(generations, variance=None):
    """One projection shared by generations of ridge on fresh rows."""
    made = Scaled(variance)
    w, P = made.model.truth, made.projection("P", "m")
    for g in range(generations):
        X = made.design(f"X_{g}", f"T_{g}")
        w = P.T @ ridge(X @ P.T, X @ w + made.model.noise("sigma"), "lambda")
    return risk(w)


def mixture(variance=None, covariance="Sigma"):
    """Two sources, the second with another truth, and perhaps another covariance."""
    made = Scaled(variance)
    m = made.model
    X, Y = made.design("X_0", "T_0"), made.design("X_1", "T_1", covariance)
    moved = m.truth + m.offset("delta", "delta_2")
    return risk(ridge(stack(X, Y), stack(X @ m.truth + m.noise("sigma"), Y @ moved + m.noise("sigma")), "lambda"))


CATALOGUE = {
    "resolvent": resolvent,
    "two resolvents": two_resolvents,
    "ridge": lambda variance=None: chain(1, variance),
    "two generations": lambda variance=None: chain(2, variance),
    "projection": projection,
    "mixture": mixture,
    "two covariances": lambda variance=None: mixture(variance, "Sigma_2"),
    "accumulation": lambda variance=None: accumulation(2, variance),
    "same rows": lambda variance=None: same_rows(2, variance),
    "same rows accumulated": lambda variance=None: accumulation(2, variance, same=True),
    "kept rows": lambda variance=None: kept_rows(2, variance),
    "projected chain": lambda variance=None: projected_chain(2, variance),
}


def numbers(derived, dimension, rows, penalty=0.05, width=None):
    """A value for every letter of a derived result: power laws, and these sizes."""
    k = np.arange(1, dimension + 1)
    known = {
        "s": 5.0 / k,
        "s_2": 3.0 / k**1.5,
        "theta": 1.0 / k,
        "delta_2": np.sqrt(k) / dimension,
        "lambda": penalty,
        "sigma": 0.7,
        "m": float(width or dimension),
        "T": float(rows),
        **{f"T_{g}": float(rows + 3 * g) for g in range(12)},
    }
    return {letter: known[letter] for letter in derived.letters if letter != "d"}
