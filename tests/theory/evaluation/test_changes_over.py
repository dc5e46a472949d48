"""A chain under many changes: what `predict` gives for each, whatever else is asked."""

import numpy as np
import pytest

import modelcollapse as mc
from modelcollapse.theory.evaluation import errors_over
from modelcollapse.theory.evaluation.changes_over import changes_over

CHAIN = mc.replace(mc.Population(mc.PowerLaw(60, 1.3), mc.SourceCondition(0.4)), 3, 90, 0.5, mc.Ridge(0.01))
CHANGES = [{"rows": rows, "penalty": penalty} for rows in (20, 60, 500) for penalty in (1e-6, 0.1)]


@pytest.mark.parametrize(
    ("chain", "changes"),
    [
        (CHAIN, CHANGES),
        (CHAIN.with_(estimator=mc.MinimumNorm()), CHANGES[3:]),
        (CHAIN, [{"noise": noise} for noise in (0.0, np.float64(0.2))]),
    ],
)
def test_each_is_what_predict_gives(chain, changes):
    found = changes_over(chain, changes, 8)
    assert found.trusted.all()
    for place, change in enumerate(changes):
        single = mc.predict(chain.with_(**change))
        np.testing.assert_allclose(found.bias[place], single.bias, rtol=1e-12)
        np.testing.assert_allclose(found.variance[place], single.variance, rtol=1e-12)
        assert found.kind == single.kind
        assert found.statements == tuple(statement.name for statement in single.statements)


def test_to_the_bit_whatever_else_is_asked():
    together = changes_over(CHAIN, CHANGES, 8)
    for place, change in enumerate(CHANGES):
        alone = changes_over(CHAIN, [change], 8)
        np.testing.assert_array_equal(alone.bias[0], together.bias[place])
        np.testing.assert_array_equal(alone.variance[0], together.variance[place])


@pytest.mark.parametrize(
    ("chain", "changes"),
    [
        (CHAIN, [{"estimator": mc.MinimumNorm()}]),
        (CHAIN.with_(estimator=mc.MinimumNorm()), [{"rows": 70}]),
        (CHAIN, [{"penalty": 0.1}, {"penalty": 0.0}]),
        (CHAIN, [{"rows": 20, "penalty": mc.Ridge(0.1)}]),
        (mc.accumulate(CHAIN.population, 2, 90, 0.5, mc.Ridge(0.1)), [{"penalty": 0.1}]),
    ],
)
def test_other_changes_and_other_chains_are_left_to_predict(chain, changes):
    assert changes_over(chain, changes, 8) is None


def test_what_is_in_doubt_is_marked(monkeypatch):
    monkeypatch.setattr(errors_over, "COMPRESSION_TOLERANCE", -1.0)
    large = mc.replace(mc.Population(mc.PowerLaw(2000, 1.2), mc.UniformTarget()), 2, 900, 0.5, mc.Ridge(0.01))
    assert not changes_over(large, [{"penalty": 0.1}], 8).trusted.any()
