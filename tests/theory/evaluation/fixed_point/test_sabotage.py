"""One wrong coefficient in a derived program is noticed by routes that share nothing with it."""

import pytest

from ...algebra.test_dyson import VALUES
from .sabotage import WAYS, ByPairings, by_closed_form, by_rules, drawn, perturbed

COUNT, SEED, LEAST = 100, 2026, 95
BEYOND = 8  # the order in which survivors are looked at again


@pytest.fixture(scope="module")
def judges():
    return {
        "ridge": by_rules(1),
        "two generations": by_rules(2),
        "projection": by_closed_form(),
        "mixture": ByPairings("mixture", VALUES, (2, 5)),
        "accumulation": ByPairings("accumulation", VALUES, (2, 5)),
        "same rows": ByPairings("same rows", VALUES, (3, 6)),
    }


def test_the_right_programs_are_accepted(judges):
    assert [name for name, judge in judges.items() if not judge.accepts(judge.program)] == []


def test_wrong_coefficients_are_rejected(judges):
    """Survivors are wrong in higher orders of the variance than the pairings were summed to, and there they are seen.

    One of 100 is: it feeds the first labels' noise back through both fits to the first rows.
    """
    survivors = [
        (name, perturbed(judges[name].program, place, WAYS[way]))
        for name, place, way in drawn(judges, COUNT, SEED)
        if judges[name].accepts(perturbed(judges[name].program, place, WAYS[way]))
    ]
    assert COUNT - len(survivors) >= LEAST
    for name, program in survivors:
        judge = judges[name]
        assert judge.solved(program, BEYOND) != judge.solved(judge.program, BEYOND)
