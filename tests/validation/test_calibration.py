"""The judge's errors: the counts kept with the package hold their promise, and counting again gives them."""

import json
from html.parser import HTMLParser

import pytest

from modelcollapse.validation.calibration import EXPERIMENTS, FIRST_SEEDS, Calibration, calibrate, committed


@pytest.fixture(scope="module")
def kept():
    return committed()


def test_every_way_of_judging_keeps_its_level(kept):
    """A true level of 5 % exceeds this bound once in a thousand calibrations."""
    assert [rate.name for rate in kept.rates] == list(EXPERIMENTS)
    assert [rate.name for rate in kept.rates if not rate.keeps_its_level] == []
    assert all(rate.seeds >= 1000 for rate in kept.rates)


def test_a_formula_wrong_by_five_percent_is_found(kept):
    assert min(rate.detections / rate.seeds for rate in kept.rates) >= 0.99


def test_the_first_seeds_give_the_same_counts_again(kept):
    again = calibrate(FIRST_SEEDS)
    assert [(rate.false_alarms, rate.detections) for rate in again.rates] == [
        (rate.first_false_alarms, rate.first_detections) for rate in kept.rates
    ]


def test_a_calibration_shows_itself(kept):
    assert json.loads(kept.to_json())["rates"][0]["seeds"] == kept.rates[0].seeds
    assert isinstance(kept, Calibration)
    assert all(name in str(kept) for name in EXPERIMENTS)
    HTMLParser().feed(kept._repr_html_())
