"""`monitor`: theory and simulation of all monitors, what warns first, and what never does."""

import numpy as np
import pytest

import modelcollapse as mc
from modelcollapse.theory.problem.monitors import Monitor
from modelcollapse.validation import MonitorReport, monitor

POPULATION = mc.Population(mc.Isotropic(6), mc.UniformTarget(4.0))
COMMON = {"generations": 12, "rows": 60, "noise": 0.7, "estimator": mc.MinimumNorm()}


@pytest.fixture(scope="module")
def replaced() -> MonitorReport:
    return monitor(mc.replace(POPULATION, **COMMON), replicates=400, seed=2, samples=200)


@pytest.fixture(scope="module")
def refitted() -> MonitorReport:
    return monitor(mc.regenerate_covariates(POPULATION, **COMMON), replicates=400, seed=2, samples=200)


def test_exact_statements_agree(replaced, refitted):
    for report in (replaced, refitted):
        exact = [one for one, signal in report.expected.signals.items() if signal.kind.name == "EXACT"]
        assert len(exact) == 6
        assert max(np.abs(report.z(one)).max() for one in exact) < 4.5


def test_drift_warns_before_residuals_and_residuals_before_labels(replaced):
    """In theory; the in-sample residual and the covariance of fresh rows never do."""
    rounds = {one: alarm.theory for one, alarm in replaced.first_alarm.items()}
    assert rounds[Monitor.DRIFT] <= rounds[Monitor.HELD_OUT] < rounds[Monitor.LABEL_VARIANCE]
    blind = (Monitor.IN_SAMPLE, Monitor.TRACE, Monitor.LOG_DETERMINANT)
    assert [replaced.first_alarm[one] for one in blind] == [(np.inf, np.inf)] * 3


def test_simulated_alarms_are_near_those_of_theory(replaced):
    """The drift's null is first order; the others know the first model's own scatter in simulation only."""
    drift = replaced.first_alarm[Monitor.DRIFT]
    assert abs(drift.theory - drift.simulation) <= 1
    for one in (Monitor.HELD_OUT, Monitor.LABEL_VARIANCE):
        assert replaced.first_alarm[one].simulation >= replaced.first_alarm[one].theory


def test_a_trace_never_warns_while_the_determinant_does(refitted):
    assert refitted.first_alarm[Monitor.TRACE].theory == np.inf
    determinant = refitted.first_alarm[Monitor.LOG_DETERMINANT]
    assert determinant.theory < 12
    assert abs(determinant.theory - determinant.simulation) <= 1


def test_the_figure_has_every_monitor(replaced):
    ax = replaced.plot()
    ax.figure.canvas.draw()
    assert {text.get_text() for text in ax.get_legend().get_texts()} == {one.value for one in Monitor}


def test_the_table_has_every_monitor(replaced):
    assert len(str(replaced).splitlines()) == 2 + len(Monitor)
    assert "never" in str(replaced)
    assert set(replaced.to_pandas()["monitor"]) == {one.value for one in Monitor}


@pytest.mark.parametrize(
    ("field", "given"), [("alarm", {"alarm": 0.0}), ("samples", {"samples": 1.5}), ("replicates", {"replicates": 1})]
)
def test_bad_input_is_refused(field, given):
    with pytest.raises(mc.SpecificationError, match=field):
        monitor(mc.replace(POPULATION, **COMMON), **given)


def test_other_names_are_not_there():
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = mc.validation.no_such_name
