"""What a sweep finds out is what single calls give, and what cannot be asked is named."""

import logging

import jax
import numpy as np
import pytest

import modelcollapse as mc
from modelcollapse.theory.evaluation import errors_over

from .cheap import CHAIN, GRID, LEAST, POPULATION, Hands, cheap


def test_predictions_of_a_grid_are_those_of_single_calls():
    result = mc.Sweep(CHAIN, GRID, mc.predict).run()
    assert result["error"].shape == (2, 3, 2)
    for index in np.ndindex(2, 3):
        single = mc.predict(CHAIN.with_(rows=GRID["rows"][index[0]], penalty=GRID["penalty"][index[1]]))
        for name in ("error", "bias", "variance"):
            np.testing.assert_allclose(result[name][index], getattr(single, name), rtol=1e-12)
        assert list(result["kind"][index]) == [kind.value for kind in single.kind]
    assert result.cite() == mc.predict(CHAIN).cite()
    assert result.labelled().about["sources"] == list(mc.predict(CHAIN).sources)


def test_points_in_doubt_are_asked_for_by_themselves(monkeypatch):
    """Answers as arrays and one by one are the same; what is not trusted, and refusals, are left to single calls."""
    penalties = [0.01, 0.1, 1.0]
    result = mc.Sweep(CHAIN, {"penalty": penalties}).run()
    monkeypatch.setattr(errors_over, "WORST_CONDITION", 0.0)
    errors_over._compiled.clear_cache()
    doubted = mc.Sweep(CHAIN, {"penalty": penalties}).run()
    errors_over._compiled.clear_cache()
    np.testing.assert_allclose(doubted["error"], result["error"], rtol=1e-13)
    assert (doubted["kind"] == result["kind"]).all()
    assert doubted.statements == result.statements


def test_simulations_are_those_of_single_calls_to_the_bit():
    result = mc.Sweep(
        CHAIN, {"noise": [0.1, 0.4]}, mc.Simulating(8, seed=3, noise=mc.INTEGRATED, sampler=mc.NAIVE)
    ).run()
    for place, noise in enumerate((0.1, 0.4)):
        single = mc.simulate(CHAIN.with_(noise=noise), 8, 3, noise=mc.INTEGRATED, sampler=mc.NAIVE)
        np.testing.assert_array_equal(result["mean"][place], single.mean)
        np.testing.assert_array_equal(result["standard_error"][place], single.standard_error)


def test_a_comparison_shares_its_level_among_the_points():
    result = mc.Sweep(LEAST, {"noise": [0.1, 0.4]}, mc.Comparing(4096, level=0.02)).run()
    single = mc.compare(LEAST.with_(noise=0.4), replicates=4096, level=0.01)
    assert list(result["verdict"][1]) == [verdict.value for verdict in single.verdicts]
    for name in ("theory", "standard_error", "gap", "detectable_error"):
        np.testing.assert_array_equal(result[name][1], [getattr(one, name) for one in single.judgements])
    np.testing.assert_allclose(result["z"] * result["standard_error"], result["simulation"] - result["theory"])


def test_two_thousand_predictions_are_one_compilation(caplog):
    """Eight blocks, the last of them padded."""
    grid = {"rows": list(range(5, 45)), "penalty": list(np.geomspace(1e-6, 1e2, 50))}
    sweep = mc.Sweep(CHAIN.with_(population=mc.Population(mc.PowerLaw(7, 1.1), mc.UniformTarget())), grid)
    with jax.log_compiles(), caplog.at_level(logging.WARNING):
        result = sweep.run()
    compiled = [one for one in caplog.records if "Finished XLA compilation of jit(_compiled" in one.getMessage()]
    assert len(compiled) == 1
    assert result.missing == 0
    assert np.isfinite(result["error"]).all()


def test_a_function_builds_the_chains_as_for_vary():
    def build(generations, noise):
        return mc.replace(POPULATION, generations, rows=20, noise=noise)

    result = mc.Sweep(lambda noise: build(2, noise), {"noise": [0.1, 0.2]}).run()
    np.testing.assert_array_equal(
        result["error"], mc.Sweep([build(2, 0.1), build(2, 0.2)]).run()["error"]
    )  # which counts its chains from 1
    with pytest.raises(mc.SpecificationError, match="number of generations"):
        mc.Sweep(build, {"generations": [1, 2], "noise": [0.1]})


def test_a_refusal_is_an_answer(tmp_path):
    """It names its reason, spoils no neighbour, and is not tried again."""
    weighted = (mc.Source(20, 0.3), mc.Source(20, 0.3, mc.PREVIOUS, weight=2.0))
    refused = mc.Chain(POPULATION, (mc.Generation(weighted, mc.MinimumNorm()),) * 2)
    sweep, alone = mc.Sweep({"a": CHAIN, "b": refused, "c": CHAIN}), mc.Sweep({"a": CHAIN})
    result = sweep.run(tmp_path / "store")
    assert list(result.failures) == [1]
    assert result.failures[1].startswith("NoTheorem: ")
    np.testing.assert_array_equal(result["error"][[0, 2]], np.concatenate([alone.run()["error"]] * 2))
    assert np.isnan(result["error"][1]).all()
    assert "chain = b: NoTheorem" in str(result)
    assert "<li>chain = b: NoTheorem" in result._repr_html_()
    hands = Hands()
    assert sweep.run(tmp_path / "store", executor=hands).failures == result.failures
    assert hands.given == 0


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: mc.Sweep(CHAIN, {"rows": [12, -1]}), "rows"),
        (lambda: mc.Sweep(CHAIN, {"row": [12]}), "grid"),
        (lambda: mc.Sweep(CHAIN, {"penalty": [0.1], "estimator": [mc.MinimumNorm()]}), "grid"),
        (lambda: mc.Sweep(CHAIN, {}), "grid"),
        (lambda: mc.Sweep(CHAIN), "chains"),
        (lambda: mc.Sweep([]), "chains"),
        (lambda: mc.Sweep([CHAIN, 3]), "chains"),
        (lambda: mc.Sweep([CHAIN], {"rows": [12]}), "chains"),
        (lambda: mc.Sweep(lambda error: CHAIN, {"error": [1]}), "grid"),
        (lambda: mc.Sweep(lambda generation: CHAIN, {"generation": [1]}), "grid"),
        (lambda: mc.Sweep(CHAIN, GRID, "predict"), "quantity"),
        (lambda: mc.Simulating(1), "replicates"),
        (lambda: mc.Simulating(noise="Drawn"), "noise"),
        (lambda: mc.Simulating(sampler="Naive"), "sampler"),
        (lambda: mc.Comparing(255), "replicates"),
        (lambda: mc.Comparing(level=1.0), "level"),
        (lambda: mc.Comparing(scales=(1, 2)), "scales"),
        (lambda: cheap().run(executor=3), "executor"),
        (lambda: cheap().run(executor=Hands(), workers=2), "executor"),
        (lambda: cheap().run(workers=0), "workers"),
        (lambda: cheap().run(resume=1), "resume"),
        (lambda: cheap().run(progress="yes"), "progress"),
    ],
)
def test_impossible_values_are_named(make, field):
    with pytest.raises(mc.SpecificationError) as refused:
        make()
    assert refused.value.field == field
