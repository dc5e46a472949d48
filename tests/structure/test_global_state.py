"""Every public name can be called, well and badly, without a trace (the guard around every test compares the state)."""

import numpy as np
import pytest

import modelcollapse as mc

POPULATION = mc.Population(mc.Isotropic(4), mc.UniformTarget())
CHAIN = mc.replace(POPULATION, generations=2, rows=12, noise=0.3, estimator=mc.MinimumNorm())
ROWS = np.linspace(-1, 1, 36).reshape(12, 3) ** np.array([1, 2, 3])
COMMON = {"generations": 2, "rows": 12, "noise": 0.3}


def by_noise(noise):
    return CHAIN.with_(noise=noise)


def enter():
    with mc.precise():
        mc.predict(CHAIN)


def fail_inside():
    with mc.precise():
        mc.predict(3)


# One valid and one invalid call of each; policies and parts of a specification fail on a field of their own.
CALLS = {
    "predict": (lambda: mc.predict(CHAIN), lambda: mc.predict(3)),
    "vary": (lambda: mc.vary(by_noise, {"noise": [0.1, 0.2]}), lambda: mc.vary(by_noise, {"noise": [-1.0]})),
    "gradient": (lambda: mc.gradient(by_noise)(0.3), lambda: mc.gradient(by_noise)(-1.0)),
    "precise": (enter, fail_inside),
    "derive": (lambda: mc.derive(CHAIN).latex(), lambda: mc.derive(3)),
    "simulate": (lambda: mc.simulate(CHAIN, 4), lambda: mc.simulate(CHAIN, 1)),
    "compare": (lambda: mc.compare(CHAIN, replicates=256), lambda: mc.compare(CHAIN, level=2.0)),
    "population_from_data": (
        lambda: mc.population_from_data(ROWS, ROWS @ [1.0, 2.0, 3.0] + np.cos(np.arange(12))),
        lambda: mc.population_from_data(ROWS, ROWS),
    ),
}
POLICIES = {
    "replace": {},
    "accumulate": {},
    "accumulate_subsample": {},
    "retain_real": {"share": 0.5},
    "blend_labels": {"real_share": 0.5},
    "rephrase": {"synthetic_share": 0.5},
    "inject_noise": {"label": 0.1},
    "regenerate_covariates": {},
}


@pytest.mark.parametrize("name", CALLS)
def test_a_call_leaves_no_trace(name):
    CALLS[name][0]()


@pytest.mark.parametrize("name", CALLS)
def test_a_failing_call_leaves_no_trace(name):
    with pytest.raises(mc.SpecificationError):
        CALLS[name][1]()


@pytest.mark.parametrize("name", POLICIES)
def test_policies_leave_no_trace(name):
    policy = getattr(mc, name)
    assert isinstance(policy(POPULATION, **COMMON, **POLICIES[name]), mc.Chain)
    with pytest.raises(mc.SpecificationError):
        policy(POPULATION, **{**COMMON, "noise": -1.0}, **POLICIES[name])


def test_files_leave_no_trace(tmp_path):
    mc.save(CHAIN, tmp_path / "chain.toml")
    assert mc.load(tmp_path / "chain.toml") == CHAIN
    mc.predict(CHAIN).save(tmp_path / "prediction.json")
    mc.load_result(tmp_path / "prediction.json")
    for read in (mc.load, mc.load_result):
        with pytest.raises(mc.SpecificationError):
            read(tmp_path / "nothing")


def test_conversions_leave_no_trace():
    for result in (mc.predict(CHAIN), mc.simulate(CHAIN, 4), mc.derive(CHAIN)):
        result.to_pandas()
        result.to_xarray()
        result.to_json()
        result._repr_html_()


@pytest.mark.parametrize("name", mc.__all__)
def test_every_public_callable_refuses_nonsense_without_a_trace(name):
    """Whatever it says to an argument that no public name takes; constants and modules are not called."""
    public = getattr(mc, name)
    if callable(public):
        with pytest.raises((TypeError, mc.ModelCollapseError, ValueError)):
            public(no_such_argument=object())
