"""What counts as a generation, and which generations are one and the same map up to names."""

import itertools

import pytest
import sympy

from modelcollapse.theory.algebra.generations import gaussians, generations
from modelcollapse.theory.algebra.model import Model, ridge, stack
from modelcollapse.theory.algebra.shape import shape_of_model


def chain(m, count):
    models = [m.truth]
    for g in range(1, count + 1):
        X = m.design(f"X_{g}", f"T_{g}")
        models.append(ridge(X, X @ models[-1] + m.noise("sigma"), "lambda"))
    return models


def test_a_chain_is_cut_at_every_model():
    m = Model()
    models = chain(m, 4)
    assert generations(models[-1], m.truth) == tuple(itertools.pairwise(models))


def test_the_truth_is_no_generation():
    m = Model()
    assert generations(m.truth, m.truth) == ()
    X = m.design("X", "T")
    w = ridge(X, X @ m.truth, "lambda")
    assert generations(w, m.truth) == ((m.truth, w),)


def dependent_chains():
    m = Model()
    X, Y = m.design("X", "T"), m.design("Y", "n")
    labels = X @ m.truth + m.noise("sigma")
    first = ridge(X, labels, "lambda")
    yield "the same rows again", ridge(X, X @ first + m.noise("sigma"), "lambda"), m
    yield "kept rows", ridge(stack(X, Y), stack(labels, Y @ first), "lambda"), m
    yield "refitted rows", ridge(Y @ X.T @ X, Y @ X.T @ X @ first, "lambda"), m
    noise = m.noise("sigma").bound(X.rows, m.truth.cols)
    Z = m.design("Z", X.rows)
    again = ridge(Z, Z @ ridge(X, X @ m.truth + noise, "lambda") + noise, "lambda")
    yield "one noise on the labels of two generations", again, m


DEPENDENT = {name: (model, m) for name, model, m in dependent_chains()}


@pytest.mark.parametrize("name", DEPENDENT)
def test_what_is_used_again_makes_generations_one(name):
    model, m = DEPENDENT[name]
    assert generations(model, m.truth) == ((m.truth, model),)


def test_two_who_learn_from_their_average_are_one_generation_after_the_other():
    m = Model()
    first = second = m.truth
    means = [m.truth]
    for g in (1, 2, 3):
        X, Z = m.design(f"X_{g}", "T"), m.design(f"Z_{g}", "T")
        first, second = (ridge(D, D @ means[-1] + m.noise("sigma"), "lambda") for D in (X, Z))
        means.append((first + second) / 2)
    found = generations(means[-1], m.truth)
    names = [gaussians(model, until=before) for before, model in found]
    assert [sorted(name for name in own if name[0] in "XZ") for own in names][-1] in (["X_3"], ["X_3", "Z_3"])
    assert sorted(name for own in names for name in own) == sorted(gaussians(means[-1]))


def one(**changed):
    """A generation of a mixture with everything in it, one thing changed."""
    given = {"a": "a", "rows": ("n_1", "n_2"), "noises": ("sigma", "sigma_2"), "lambda": "lambda", "second": "Sigma_2"}
    given |= {"labels": "previous", "names": ("X", "Y"), "shift": "theta_1", "width": None, "half": 1} | changed
    m = Model()
    B = m.design("B", "k")
    before = ridge(B, B @ m.truth, "mu")
    X, Y = (
        m.design(given["names"][0], given["rows"][0]),
        m.design(given["names"][1], given["rows"][1], covariance=given["second"]),
    )
    said = before if given["labels"] == "previous" else m.truth
    labels = X @ (given["half"] * said) + m.noise(given["noises"][0])
    other = Y @ (m.truth + m.offset("delta", given["shift"])) + m.noise(given["noises"][1])
    seen = [X, Y]
    if given["width"]:
        S = m.projection("S", given["width"])
        seen = [X @ S.T, Y @ S.T]
    w = ridge(stack(*seen, weights=[1, given["a"]]), stack(labels, other), given["lambda"])
    w = S.T @ w if given["width"] else w
    return shape_of_model(w, before, m.truth)


RENAMED = {
    "other names": {"names": ("Q", "R")},
    "other numbers": {"a": "b", "rows": ("N", "M"), "lambda": "mu_2"},
    "other noises": {"noises": ("s_a", "s_b")},
}
CHANGED = {
    "no weight": {"a": 1},
    "a weight that is a number": {"a": 3},
    "equal sizes": {"rows": ("n", "n")},
    "equal noises": {"noises": ("sigma", "sigma")},
    "a noise twice as large": {"noises": ("sigma", 2 * sympy.Symbol("sigma_2"))},
    "no noise": {"noises": ("sigma", 0)},
    "another penalty": {"lambda": 2 * sympy.Symbol("lambda")},
    "a penalty that is a number": {"lambda": 0.5},
    "a weight that is a size": {"a": "n_1"},
    "one covariance": {"second": "Sigma"},
    "a third covariance": {"second": "Sigma_3"},
    "labels of the truth": {"labels": "truth"},
    "half of what the model says": {"half": 0.5},
    "another shift": {"shift": "theta_2"},
    "a projection": {"width": "m"},
}


@pytest.mark.parametrize("name", RENAMED)
def test_names_and_numbers_do_not_change_the_shape(name):
    plain, renamed = one(), one(**RENAMED[name])
    assert plain.key == renamed.key
    assert len(plain.letters) == len(renamed.letters)


@pytest.mark.parametrize("name", CHANGED)
def test_everything_else_changes_the_shape(name):
    assert one().key != one(**CHANGED[name]).key


def test_no_two_changes_have_one_shape():
    keys = [one(**changed).key for changed in CHANGED.values()]
    assert len(set(keys)) == len(keys)
