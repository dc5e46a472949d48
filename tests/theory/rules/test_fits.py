"""Rules of fits: shared by what has one shape, and certified where nothing may have two signs."""

import pytest

from modelcollapse.theory.algebra.generations import generations
from modelcollapse.theory.algebra.model import Model, ridge, stack
from modelcollapse.theory.rules.fits import fits_of


def fitted(m, before, g, *, real=False, weight=1, covariance=None, width=None):
    """One generation after a model: rows that it labels, perhaps real ones beside them, perhaps on random features."""
    X, Y = m.design(f"X_{g}", f"T_{g}"), m.design(f"Y_{g}", f"n_{g}", covariance=covariance)
    rows, labels = [Y], [Y @ before + m.noise("sigma")]
    if real:
        rows, labels = [X, Y], [X @ m.truth + m.noise("sigma_2"), *labels]
    if width is None:
        return ridge(stack(*rows, weights=[weight] * (len(rows) - 1) + [1]), stack(*labels), "lambda")
    S = m.projection(f"S_{g}", width)
    return S.T @ ridge(stack(*(one @ S.T for one in rows)), stack(*labels), "lambda")


CERTIFIED = {
    "ridge": {},
    "projection": {"width": "m"},
    "real rows": {"real": True},
    "real rows and a projection": {"real": True, "width": "m"},
    "another covariance": {"covariance": "Sigma_2"},
}
# Real rows say w_0, the others Q w_0: pulling with unequal weights, their fluctuations may oppose each other.
UNCERTIFIED = {
    "weighted real rows": {"real": True, "weight": "a"},
    "real rows of another covariance": {"real": True, "covariance": "Sigma_2"},
}


def fits(**given):
    m = Model()
    w = m.truth
    for g in (1, 2, 3):
        w = fitted(m, w, g, **given)
    found = fits_of(generations(w, m.truth), m.truth)
    assert found is not None
    return found


@pytest.mark.parametrize("name", CERTIFIED)
def test_generations_on_rows_of_their_own_are_certified(name):
    found = fits(**CERTIFIED[name])
    assert len(found) == 3
    assert found[2].rule is found[1].rule
    assert all(fit.rule.reduced.certified for fit in found)
    assert all(fit.rule.doubtful == () for fit in found)


@pytest.mark.parametrize("name", UNCERTIFIED)
def test_only_the_part_of_the_truth_is_in_doubt_where_labels_pull_apart(name):
    found = fits(**UNCERTIFIED[name])
    certificates = found[-1].rule.reduced.certificates
    assert [part for part, known in certificates.items() if not known.certified] == ["spread w_0"]
    assert found[-1].rule.doubtful == (found[-1].rule.reduced.results["spread w_0"],)


def test_letters_and_noises_are_those_of_the_generation():
    found = fits(real=True)
    assert [fit.noises for fit in found] == [("e_2", "e_1"), ("e_4", "e_3"), ("e_6", "e_5")] or [
        fit.noises for fit in found
    ] == [("e_1", "e_2"), ("e_3", "e_4"), ("e_5", "e_6")]
    for g, fit in enumerate(found, start=1):
        assert set(fit.names) == {f"T_{g}", f"n_{g}", "lambda", "sigma", "sigma_2"}
        assert {fit.letters[known] for known in fit.names.values()} == set(fit.names)


def test_a_model_that_does_not_depend_on_the_one_before_inherits_nothing():
    m = Model()
    X, Y = m.design("X", "T"), m.design("Y", "n")
    first, second = (ridge(D, D @ m.truth + m.noise("sigma"), "lambda") for D in (X, Y))
    (fit,) = fits_of([(first, second)], m.truth)
    assert fit.rule.inherited == fit.rule.weight_before == fit.rule.carried == 0
    assert list(fit.rule.means) == ["w_0"]
