"""The best policy: optima against other searches and the specification's figures, ranks, refusals."""

from dataclasses import dataclass

import numpy as np
import pytest

import modelcollapse as mc
from modelcollapse.theory.remedies import (
    QUICK,
    THOROUGH,
    AccumulateRows,
    Budget,
    Effort,
    Funds,
    KeepReal,
    LatePenalty,
    Mix,
    Needs,
    OnlyReal,
    Prices,
    Remedy,
    Replace,
    SubsampleRows,
    VerifyShare,
    VerifyWindow,
    WithPenalty,
    best_policy,
)
from modelcollapse.theory.remedies.policy import packaged_remedies, study_of
from modelcollapse.theory.remedies.situation import Situation

D = 12
POPULATION = mc.Population(mc.PowerLaw(D, 1.2), mc.UniformTarget())
OFFSET = mc.Coefficients(0.3 * (np.arange(D) == 2))
LEAST = mc.MinimumNorm()


def test_penalties_of_the_specification():
    """beta = 1.5, r = 0.5, d = 200, T = 300, four generations, sigma = 0.5: one penalty .06478, free ones .05301."""
    population = mc.Population(mc.PowerLaw(200, 1.5), mc.SourceCondition(0.5))
    study = best_policy(
        population, Budget(synthetic_rows=300), 4, [Replace(), WithPenalty(Replace()), LatePenalty()], noise=0.5
    )
    assert study["replace, one penalty"].error == pytest.approx(0.06478, rel=1e-4)
    assert 0.05301 < study["a penalty, and another in the end"].error < 0.06478
    earlier, last = study["a penalty, and another in the end"].values
    assert earlier < last  # shrink late
    assert study.best.title == "a penalty, and another in the end"
    assert all(one.certificate.holds for one in study.policies)


def test_the_best_penalty_is_that_of_a_fine_grid():
    study = best_policy(POPULATION, Budget(synthetic_rows=40), 3, [WithPenalty(Replace())], noise=0.6)
    chain = mc.replace(POPULATION, 3, 40, 0.6, mc.Ridge(1.0))
    grid = np.geomspace(1e-4, 1e2, 4001)
    errors = mc.errors_over(chain, penalty=grid).error[:, -1]
    assert study.best.error == pytest.approx(errors.min(), rel=1e-6)
    assert study.best.values[0] == pytest.approx(grid[errors.argmin()], rel=5e-3)


def test_the_best_strictness_is_that_of_another_search():
    budget = Budget(synthetic_rows=120, verifier_calls=120)
    study = best_policy(POPULATION, budget, 3, [VerifyShare(), VerifyWindow()], noise=0.8, verifier=OFFSET)
    chain = mc.replace(POPULATION, 3, 120, 0.8, LEAST)
    best = mc.best_strictness(chain, lambda share: mc.TopShare(OFFSET, share), (0.02, 1.0))
    assert study["verify"].values[0] == pytest.approx(best, abs=2e-3)
    window = mc.best_strictness(chain, lambda edge: mc.ResidualWindow(OFFSET, -edge, edge), (0.1, 4.0))
    assert study["verify within a tolerance"].values[0] == pytest.approx(window, rel=1e-2)


def test_what_each_remedy_costs_and_leaves():
    budget = Budget(real_rows=20, synthetic_rows=60, verifier_calls=30, prices=Prices(5.0, 1.0, 0.5))
    remedies = [
        Replace(),
        AccumulateRows(),
        OnlyReal(),
        Mix(every_row=True),
        KeepReal(),
        VerifyShare(0.8),
    ]
    study = best_policy(POPULATION, budget, 2, remedies, noise=0.5, verifier=OFFSET)
    costs = {one.title: one.cost for one in study.policies}
    assert costs["replace"] == costs["accumulate"] == 120.0
    assert costs["real rows only"] == 200.0
    assert costs["real and all synthetic rows"] == 320.0
    assert costs["the same real rows for ever"] == 100.0 + 60.0
    assert costs["verify, 0.8 kept"] == 60.0 + 30.0  # rows that nobody can judge are left out
    variance = 0.25 * D
    assert study["replace"].error == pytest.approx(2 * variance / (60 - D - 1))
    assert study["real rows only"].error == pytest.approx(variance / (20 - D - 1))
    assert [one.error for one in study.policies] == sorted(one.error for one in study.policies)
    assert study.gap == pytest.approx(study.policies[1].error / study.policies[0].error - 1)


def test_all_funds_go_to_real_rows_where_they_cost_no_more():
    """But for the one synthetic row without which it would be another remedy."""
    study = best_policy(POPULATION, Funds(60.0, Prices()), 3, [Mix(), OnlyReal()], noise=0.5)
    assert study.best.title == "real rows only"
    mixed = study["real and synthetic rows"]
    assert mixed.values == (59.0,)
    assert mixed.expense.synthetic_rows == 3


def test_dear_real_rows_are_mixed_with_cheap_synthetic_ones():
    study = best_policy(POPULATION, Funds(300.0, Prices(real_row=10.0)), 20, [Mix(), OnlyReal(), Replace()], noise=0.5)
    assert study.best.title == "real and synthetic rows"
    errors = []
    for real in range(1, 30):
        chain = mc.mix(POPULATION, 20, real_rows=real, synthetic_rows=300 - 10 * real, noise=0.5, estimator=LEAST)
        errors.append(mc.predict(chain).error[-1])
    assert study.best.values == (1.0 + np.argmin(errors),)
    assert study.best.error == pytest.approx(min(errors), rel=1e-12)
    assert study.best.certificate.holds


def test_the_end_of_infinitely_many_generations():
    budget = Budget(real_rows=20, synthetic_rows=60)
    remedies = [Replace(), AccumulateRows(), OnlyReal(), Mix(every_row=True)]
    study = best_policy(POPULATION, budget, 2, remedies, noise=0.5, endless=True)
    assert study.refused == {"replace": "its error is infinite"}
    assert "replace: its error is infinite" in str(study)
    chain = mc.mix(POPULATION, 80, real_rows=20, synthetic_rows=60, noise=0.5, estimator=LEAST)
    assert study["real and all synthetic rows"].error == pytest.approx(mc.predict(chain).error[-1], rel=1e-9)
    assert study["real rows only"].error == pytest.approx(0.25 * D / (20 - D - 1))


def test_remedies_without_a_number_say_why():
    study = best_policy(POPULATION, Budget(synthetic_rows=40), 2, [Replace(), SubsampleRows(), OnlyReal()], noise=0.5)
    assert [one.title for one in study.policies] == ["replace"]
    assert "50 rows per direction" in study.refused["a sample of all rows so far"]
    assert "real rows" in study.refused["real rows only"]
    assert study.gap == np.inf
    with pytest.raises(mc.SpecificationError, match="one of replace"):
        _ = study["accumulate"]
    with pytest.raises(mc.NoTheorem, match=r"real rows only: .*the budget has real rows"):
        best_policy(POPULATION, Budget(synthetic_rows=40), 2, [OnlyReal()], noise=0.5)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"remedies": []}, "remedies"),
        ({"remedies": [Replace(), Replace(mc.Ridge(1.0))]}, "remedies"),
        ({"remedies": [mc.replace]}, "remedies"),
        ({"budget": 30}, "budget"),
        ({"noise": -1.0}, "noise"),
        ({"generations": 0}, "generations"),
        ({"population": mc.Isotropic(3)}, "population"),
        ({"verifier": 0.3}, "verifier"),
        ({"endless": 1}, "endless"),
        ({"remedies": [VerifyShare()], "budget": Budget(synthetic_rows=40, verifier_calls=40)}, "verifier"),
    ],
)
def test_bad_input_is_named(changed, field):
    given = {"population": POPULATION, "budget": Budget(synthetic_rows=40), "generations": 2, "noise": 0.5} | changed
    with pytest.raises(mc.SpecificationError) as refusal:
        best_policy(**{"remedies": [Replace()], **given})
    assert refusal.value.field == field


def test_packaged_remedies_are_those_that_the_budget_feeds():
    def titles(budget, verifier=None):
        return {one.title for one in packaged_remedies(Situation(POPULATION, budget, 2, 0.5, verifier=verifier))}

    alone = titles(Budget(synthetic_rows=40))
    own = {"replace", "accumulate"}
    assert alone == own | {f"{title}, one penalty" for title in own} | {"a penalty, and another in the end"}
    assert titles(Budget(synthetic_rows=40, verifier_calls=40)) == alone
    judged = titles(Budget(synthetic_rows=40, verifier_calls=40), OFFSET)
    assert judged - alone == {"verify", "verify, one penalty"}
    assert titles(Funds(40.0, Prices()), OFFSET) > judged


def test_what_the_budget_does_not_feed_is_told_with_its_reason():
    reason = "needed: the budget has verifier calls"
    situation = Situation(POPULATION, Budget(20, 40), 2, 0.5, verifier=OFFSET)
    study = study_of(situation, effort=Effort(3, 0.1, 1))
    assert study.refused["verify"] == study.refused["real and verified rows"] == reason
    judged = "verify; verify, one penalty; real and verified rows; real and verified rows, one penalty"
    assert f"{judged}: {reason}" in str(study)
    alone = study_of(situation.with_(verifier=None), [Replace(), OnlyReal()])
    assert alone.refused == {}


@pytest.mark.parametrize(
    ("remedy", "policy"),
    [
        (AccumulateRows(), lambda fit: mc.accumulate(POPULATION, 3, 40, 0.6, fit)),
        (OnlyReal(), lambda fit: mc.retain_real(POPULATION, 3, 20, 0.6, fit, share=1, real_noise=0.6)),
        (
            Mix(every_row=True),
            lambda fit: mc.mix(POPULATION, 3, real_rows=20, synthetic_rows=40, noise=0.6, estimator=fit),
        ),
    ],
)
def test_a_penalty_beside_any_remedy_is_the_best_of_a_grid(remedy, policy):
    study = best_policy(POPULATION, Budget(20, 40), 3, [WithPenalty(remedy), remedy], noise=0.6)
    found = study[f"{remedy.title}, one penalty"]
    assert found.error < study[remedy.title].error
    [penalty] = found.values
    assert mc.predict(policy(mc.Ridge(penalty))).error[-1] == pytest.approx(found.error, rel=1e-12)
    for other in penalty * np.geomspace(0.01, 100, 10):
        assert mc.predict(policy(mc.Ridge(other))).error[-1] > found.error


def test_a_quick_search_that_stalls_is_not_certified_and_a_thorough_one_goes_on():
    """From a corner of the grid the simplex stalls on a face; the look around finds less."""
    population = mc.Population(mc.PowerLaw(20, 1.5), mc.UniformTarget())
    quick, thorough = (
        best_policy(population, Budget(25, 80), 5, [LatePenalty()], noise=0.5, effort=effort).best
        for effort in (QUICK, THOROUGH)
    )
    assert not quick.certificate.holds
    assert thorough.certificate.holds
    assert thorough.error < quick.error < 1.05 * thorough.error
    [single] = best_policy(population, Budget(25, 80), 1, [LatePenalty()], noise=0.5).policies
    assert single.names == ("last penalty",)


@pytest.mark.parametrize("remedy", [LatePenalty(), Replace, mc.replace, Replace(mc.RandomProjection(5))])
def test_a_penalty_takes_the_place_of_an_estimator(remedy):
    with pytest.raises(mc.SpecificationError, match="estimator"):
        WithPenalty(remedy)


def test_progress_is_told_and_an_interrupted_search_keeps_what_it_has():
    told = []

    def report(done, total):
        told.append((done, total))

    remedies = [Replace(), AccumulateRows()]
    best_policy(POPULATION, Budget(synthetic_rows=40), 2, remedies, noise=0.5, progress=report)
    assert told == [(0, 2), (1, 2), (2, 2)]

    @dataclass(frozen=True)
    class Interrupted(Remedy):
        title = "interrupted"
        needs = Needs()

        def chain(self, situation, budget, values):
            raise KeyboardInterrupt

    study = best_policy(POPULATION, Budget(synthetic_rows=40), 2, [Replace(), Interrupted(), OnlyReal()], noise=0.5)
    assert [one.title for one in study.policies] == ["replace"]
    assert study.refused == dict.fromkeys(["interrupted", "real rows only"], "interrupted before it was searched")
    with pytest.raises(KeyboardInterrupt):
        best_policy(POPULATION, Budget(synthetic_rows=40), 2, [Interrupted()], noise=0.5)


def test_a_remedy_of_ones_own():
    @dataclass(frozen=True)
    class Blended(mc.theory.remedies.Remedy):
        title = "blended labels"
        needs = mc.theory.remedies.Needs(real=True, synthetic=False)

        def parameters(self, situation):
            return (mc.theory.remedies.Share("share of the truth", 0.05),)

        def chain(self, situation, budget, values):
            s = situation
            share = {"real_share": values[0]}
            return mc.blend_labels(s.population, s.generations, budget.real_rows, s.noise, LEAST, **share)

    study = best_policy(POPULATION, Budget(real_rows=60), 60, [Blended(), OnlyReal()], noise=0.5)
    assert study.best.title == "blended labels"
    assert study.best.values[0] == pytest.approx((5**0.5 - 1) / 2, abs=1e-3)  # the golden ratio's inverse
