"""Duels of remedies: those that are kept were won as predicted, the first are won again, a wrong winner loses."""

import dataclasses
import json

import pytest

import modelcollapse as mc
from modelcollapse.theory.remedies import AccumulateRows, Budget, Replace, best_policy
from modelcollapse.validation import contest as module
from modelcollapse.validation.contest import (
    DUELS,
    FIRST_DUELS,
    Contest,
    Decision,
    committed,
    contest,
    duel,
    is_off_boundaries,
    margin_of,
    random_study,
)
from modelcollapse.validation.report.store import Finished, read_finished


@pytest.fixture(scope="module")
def kept():
    return committed()


@pytest.fixture(scope="module")
def study():
    population = mc.Population(mc.Isotropic(8), mc.UniformTarget())
    return best_policy(population, Budget(synthetic_rows=60), 3, [Replace(), AccumulateRows()], noise=0.5)


def test_every_predicted_winner_wins(kept):
    """At the first points that are off the boundaries, none left out."""
    assert kept.count(Decision.WON) == len(kept.duels) == DUELS >= 200
    assert kept.holds
    assert len(kept.duels) + kept.skipped == kept.duels[-1].point + 1
    assert len({(one.winner, one.rival) for one in kept.duels}) >= 25


def test_duels_are_off_the_boundaries(kept):
    assert all(one.rival_error / one.error - 1 > one.margin for one in kept.duels)


def test_the_first_duels_are_won_again(kept):
    for one in kept.duels[:FIRST_DUELS]:
        again = random_study(one.point)
        assert is_off_boundaries(again)
        assert [policy.title for policy in again.policies[:2]] == [one.winner, one.rival]
        assert again.best.error == pytest.approx(one.error, rel=1e-6)
        met = duel(one.point, again)
        assert (met.decision, met.replicates) == (one.decision, one.replicates)
        assert met.difference == pytest.approx(one.difference, rel=1e-3)


def test_an_interrupted_contest_goes_on_where_it_stopped(kept, tmp_path, monkeypatch):
    """Point 1 is skipped, and the first run stops at point 2."""
    asked, one = [], dataclasses.asdict(kept.duels[0]) | {"decision": "won"}

    def told(point, last_look):
        asked.append(point)
        if asked == [0, 1, 2]:
            raise KeyboardInterrupt
        return {**one, "point": point, "decision": None if point == 1 else "won"}

    def finished():
        return Finished(tmp_path / "contest.json", {}, read_finished(tmp_path / "contest.json"))

    monkeypatch.setattr(module, "_told", told)
    with pytest.raises(KeyboardInterrupt):
        contest(3, kept=finished())
    held = contest(3, kept=finished())
    assert asked == [0, 1, 2, 2, 3]
    assert ([one.point for one in held.duels], held.skipped) == ([0, 2, 3], 1)
    assert held == contest(3, kept=finished())


def test_a_right_winner_wins_and_a_wrong_one_loses(study):
    assert is_off_boundaries(study)
    assert duel(3, study).decision is Decision.WON
    turned = dataclasses.replace(study, policies=study.policies[::-1])
    assert duel(3, turned).decision is Decision.LOST
    assert not is_off_boundaries(turned)


def test_equal_arms_stay_undecided(study):
    same = dataclasses.replace(study, policies=(study.best, study.best))
    met = duel(3, same, last_look=600)
    assert (met.decision, met.replicates) == (Decision.UNDECIDED, 512)
    assert not is_off_boundaries(same)
    assert margin_of(same) == 0  # least squares is exact
    assert not Contest((met,), 0).holds


def test_a_contest_shows_itself(kept):
    assert json.loads(kept.to_json())["won"] == kept.count(Decision.WON)
    assert "lost" in str(kept)
