"""Laws of verified rows and of policies beside them: a hundred cases each on the package, and wrong ones are caught."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import Phase, given, settings

import modelcollapse as mc
from modelcollapse.validation import strategies
from modelcollapse.validation.laws import PROFILES, About, Holding, law_named, of_specifications, of_verified_rows
from modelcollapse.validation.laws.formula import errors_by
from modelcollapse.validation.laws.of_verified_rows import VERIFIED_ROWS
from modelcollapse.validation.laws.trial import tried

MANY = settings(PROFILES["ci"], max_examples=100)
SOME = settings(MANY, max_examples=40)  # of chains in many sizes, which take long to compile
QUICK = settings(PROFILES["ci"], max_examples=30, phases=[Phase.generate])
BETWEEN = "the contraction lies between 1 and the raw second moment"
TOLERANCE = "a more tolerant verifier contracts less"
SILENT = "filtering labels without noise does not contract"
UNHELPED = "a verifier cannot help least squares without noise"
ONE_TRY, LAST_TRY = "one try is rejection", "the last of one try is no verifier"
SAME_ROWS = "labelling the same rows again is never worse than replacing"
NO_REAL_ROWS = "retaining no real rows is replacement"


def found(name, tries, formula=None):
    law = law_named(name)
    return tried(law, tries, 0, formula=errors_by(formula or mc.predict) if law.about is About.FORMULA else None)


@pytest.mark.parametrize(
    ("name", "tries"), [*((law.name, MANY) for law in VERIFIED_ROWS), (NO_REAL_ROWS, MANY), (SAME_ROWS, SOME)]
)
def test_the_package_obeys(name, tries):
    finding = found(name, tries)
    assert finding.holding is Holding.HOLDS, finding.told()
    assert finding.cases >= tries.max_examples


def judged_by(chain, by):
    steps = tuple(replace(step, selection=by(step.selection)) for step in chain.generations)
    return mc.Chain(chain.population, steps, chain.initial)


def with_a_first_try_that_does_not_count(chain):
    """K tries after the first one."""

    def more(selection):
        return replace(selection, tries=selection.tries + 1) if isinstance(selection, mc.Resample) else selection

    return mc.predict(judged_by(chain, more))


def with_failures_dropped_in_any_case(chain):
    """The last try is not kept."""

    def dropping(selection):
        return replace(selection, keep_last=False) if isinstance(selection, mc.Resample) else selection

    return mc.predict(judged_by(chain, dropping))


def with_labels_replaced_by_the_verifiers(chain):
    """Residuals beyond one noise are taken away instead of their rows."""

    def revising(selection):
        return selection if isinstance(selection, mc.KeepAll) else mc.Revise(mc.verifier_of(selection), 1.0, 1.0)

    return mc.predict(judged_by(chain, revising))


def with_labels_added_up(chain):
    """Labels on the same rows are summed where they should be averaged: sigma_m^2 without its 1/m^2."""
    rank, rows = chain.population.spectrum.rank(), chain.generations[0].generated[0].rows
    noises = np.array([step.generated[0].noise for step in chain.generations])
    again = any(isinstance(step.generated[0].covariates, mc.SameRows) for step in chain.generations)
    weights = np.arange(1.0, len(chain) + 1) if again else np.ones(len(chain))
    return np.cumsum(weights * noises**2) * rank / (rows - rank - 1)


WRONG = {
    with_a_first_try_that_does_not_count: ONE_TRY,
    with_failures_dropped_in_any_case: LAST_TRY,
    with_labels_replaced_by_the_verifiers: UNHELPED,
    with_labels_added_up: SAME_ROWS,
}


@pytest.mark.parametrize("formula", WRONG, ids=lambda formula: formula.__name__)
def test_a_wrong_formula_is_caught_by_name(formula):
    assert found(WRONG[formula], QUICK, formula).holding is Holding.BROKEN


def with_a_moment_of_all_rows(seen):
    """a_2 for a_2/a_0: the second moment is not divided by the share that is kept."""
    return seen._replace(contraction=seen.contraction * seen.kept)


def the_other_way_round(seen):
    return seen._replace(contraction=1 / seen.contraction)


def with_noise_of_its_own(seen):
    """As if labels had been revised."""
    return seen._replace(noise=seen.noise + 0.01 * seen.disagreement)


@pytest.mark.parametrize(
    ("mistake", "name"),
    [
        (with_a_moment_of_all_rows, BETWEEN),
        (the_other_way_round, BETWEEN),
        (the_other_way_round, TOLERANCE),
        (with_a_moment_of_all_rows, SILENT),
        (with_noise_of_its_own, SILENT),
    ],
)
def test_a_verifier_that_does_something_else_is_caught(mistake, name, monkeypatch):
    right = of_verified_rows.what_the_verifier_does
    monkeypatch.setattr(of_verified_rows, "what_the_verifier_does", lambda chain: mistake(right(chain)))
    assert found(name, QUICK).holding is Holding.BROKEN


@pytest.mark.parametrize(("policy", "given_instead"), [("retain_real", {"share": 0.5}), ("mix", {"real_rows": 1})])
def test_a_policy_that_keeps_real_rows_is_caught(policy, given_instead, monkeypatch):
    right = getattr(mc, policy)
    monkeypatch.setattr(of_specifications, policy, lambda *args, **named: right(*args, **named | given_instead))
    assert found(NO_REAL_ROWS, QUICK).holding is Holding.BROKEN


def test_laws_are_about_every_selection():
    seen = []

    @settings(MANY, max_examples=200, phases=[Phase.generate])
    @given(strategies.verified_chains())
    def look(chain):
        seen.append(chain)

    look()
    judges = [step.selection for chain in seen for step in chain.generations]
    outer = {type(one).__name__ for one in judges}
    assert outer == {"ResidualWindow", "NormWindow", "TopShare", "Unreliable", "Resample", "Revise"}
    windows = [one for one in judges if isinstance(one, mc.ResidualWindow)]
    assert {one.lower == -one.upper for one in windows} == {True, False}
    assert any(one.lower > 0 for one in windows)
    assert {one.keep_last for one in judges if isinstance(one, mc.Resample)} == {True, False}
    assert {len(chain) for chain in seen} == {1, 3}
    assert {len(step.sources) for chain in seen for step in chain.generations} == {1, 2}
    assert {type(step.estimator) for chain in seen for step in chain.generations} == {mc.Ridge, mc.MinimumNorm}
    assert any(len({step.selection for step in chain.generations}) > 1 for chain in seen)
