"""Arrays of rows, penalties and noises: what `predict` gives point by point."""

import numpy as np
import pytest

import modelcollapse as mc
from modelcollapse.theory.evaluation import errors_over as module

POPULATION = mc.Population(mc.PowerLaw(60, 1.3), mc.SourceCondition(0.4))
CHAIN = mc.replace(POPULATION, 4, 90, 0.5, mc.Ridge(0.01))
LARGE = mc.replace(mc.Population(mc.PowerLaw(10**5, 1.2), mc.UniformTarget()), 3, 900, 0.5, mc.Ridge(0.01))


def blended(population):
    half = mc.Blend(((mc.TRUTH, 0.5), (mc.PREVIOUS, 0.5)))
    steps = [
        mc.Generation((mc.Source(rows, 0.3, half),), mc.Ridge(penalty)) for rows, penalty in ((40, 0.1), (70, 0.2))
    ]
    return mc.Chain(population, tuple(steps))


@pytest.mark.parametrize(
    ("chain", "given"),
    [
        (CHAIN, {"rows": [[20], [60], [500]], "penalty": [1e-6, 0.1]}),
        (CHAIN, {"noise": [0.0, 0.2]}),
        (CHAIN, {}),
        (blended(POPULATION), {"penalty": [0.01, 3.0]}),
        (blended(POPULATION), {"rows": [30], "noise": [0.7]}),
        (LARGE, {"rows": [[100], [99_999], [10**6]], "penalty": [1e-7, 0.1], "noise": 0.3}),
    ],
)
def test_each_point_is_what_predict_gives(chain, given):
    found = mc.errors_over(chain, **given)
    points = dict(zip(given, np.broadcast_arrays(*given.values()), strict=True)) if given else {}
    shape = next(iter(points.values())).shape if points else ()
    assert found.error.shape == (*shape, len(chain))
    for index in np.ndindex(shape):
        exact = mc.predict(chain.with_(**{name: values[index].item() for name, values in points.items()}))
        for name in ("error", "bias", "variance"):
            np.testing.assert_allclose(getattr(found, name)[index], getattr(exact, name), rtol=1e-12)


def test_a_point_on_which_compressions_differ_is_asked_of_predict(monkeypatch):
    monkeypatch.setattr(module, "COMPRESSION_TOLERANCE", -1.0)
    asked = []
    monkeypatch.setattr(module, "predict", lambda chain: asked.append(chain) or mc.predict(chain))
    found = mc.errors_over(LARGE, penalty=[0.1, 0.2])
    assert [chain.generations[0].estimator.penalty for chain in asked] == [0.1, 0.2]
    np.testing.assert_array_equal(found.bias[1], mc.predict(LARGE.with_(penalty=0.2)).bias)


def test_many_points_are_one_program():
    module._compiled.clear_cache()
    for rows in (80, 100):
        mc.errors_over(CHAIN, rows=rows, penalty=np.geomspace(1e-4, 1, 5000))
    assert module._compiled._cache_size() == 1


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("rows", {"rows": [10, 0]}),
        ("rows", {"rows": 10.5}),
        ("penalty", {"penalty": [0.1, 0.0]}),
        ("penalty", {"penalty": np.nan}),
        ("noise", {"noise": -1.0}),
    ],
)
def test_impossible_values_are_refused_by_name(field, given):
    with pytest.raises(mc.SpecificationError, match=f"^{field}"):
        mc.errors_over(CHAIN, **given)


@pytest.mark.parametrize(
    "chain",
    [
        CHAIN.with_(estimator=mc.MinimumNorm()),
        mc.accumulate(POPULATION, 2, 90, 0.5, mc.Ridge(0.1)),
        mc.mix(POPULATION, generations=2, real_rows=20, synthetic_rows=30, noise=0.3, estimator=mc.Ridge(0.1)),
    ],
)
def test_other_chains_have_no_theorem_here(chain):
    with pytest.raises(mc.NoTheorem, match="point by point"):
        mc.errors_over(chain, penalty=[0.1])


def test_what_is_not_certified_is_named(monkeypatch):
    monkeypatch.setattr(module, "WORST_CONDITION", 0.0)
    module._compiled.clear_cache()
    with pytest.raises(mc.NotCertified, match=r"rows = 70, penalty = 0\.1"):
        mc.errors_over(CHAIN, rows=70, penalty=[0.1, 0.2])
    module._compiled.clear_cache()
