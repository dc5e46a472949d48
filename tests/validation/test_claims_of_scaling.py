"""Claims on power laws: they hold, and a wrong formula fails each of them."""

import numpy as np
import pytest

from modelcollapse.theory.evaluation.law_errors import errors_along
from modelcollapse.validation.claims.scaling import SCALING_CLAIMS

from .claims import check_evidence, judged_once

ENOUGH, KEPT, WASTED = SCALING_CLAIMS

evidence = pytest.fixture(scope="module")(judged_once)


@pytest.mark.parametrize("claim", SCALING_CLAIMS, ids=lambda claim: claim.name)
def test_it_holds_and_is_drawn(claim, evidence):
    check_evidence(claim, evidence(claim))


def test_numbers_of_the_clean_penalty(evidence):
    """The specification's last table, for few directions: b - a - .4."""
    numbers = evidence(KEPT).numbers
    for surplus in (0.8, 0.6, 0.4, 0.2):
        assert numbers[f"b - a = {surplus:g}"] == pytest.approx(surplus - 0.4, abs=0.005)
    assert numbers["b - a = 0.6, tuned"] == pytest.approx(0.36, abs=0.005)


def with_the_noise_of_one_generation(family, rows, **points):
    """However many generations there are: the collapse term of n = 1."""
    found = errors_along(family, rows, **points)
    return found._replace(collapse=found.collapse / np.asarray(rows) ** float(family.generations))


def with_rows_of_the_generators_alone(family, rows, **points):
    """Without what the last fit spreads: T/T_0 in the place of max(T/T_0, phi_0)."""
    found, many = errors_along(family, rows, **points), np.asarray(rows)
    ratio = many ** (1 - float(family.generator_rows))
    return found._replace(collapse=found.collapse * ratio / (ratio + float(family.generator_ratio)))


@pytest.mark.parametrize(
    ("claim", "formula"),
    [
        (ENOUGH, with_the_noise_of_one_generation),
        (KEPT, with_the_noise_of_one_generation),
        (WASTED, with_rows_of_the_generators_alone),
    ],
    ids=["enough", "kept", "wasted"],
)
def test_a_wrong_formula_fails_it(claim, formula):
    assert not claim.holds(formula).holds
