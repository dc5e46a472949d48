"""Public calls leave no trace, whether they succeed or fail (every test is surrounded by a comparison of the state)."""

import threading

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import modelcollapse as mc

from ..market import MARKET

CHAIN = MARKET["many rows"].chain
LEAST_SQUARES = MARKET["least squares"].chain
STEP = mc.Generation((mc.Source(20, 0.3, mc.PREVIOUS),), mc.Ridge(0.1))
UNEQUAL = mc.Generation((mc.Source(20, 0.3, weight=2.0), STEP.sources[0]), mc.MinimumNorm())
MIXED = mc.Chain(CHAIN.population, (STEP, UNEQUAL))


def by_penalty(penalty):
    return CHAIN.with_(penalty=penalty)


def broken(penalty):
    raise RuntimeError("a builder of the user's own")


SUCCESSFUL = {
    "predict": lambda: mc.predict(CHAIN),
    "its parts": lambda: (mc.predict(CHAIN).by_generation, mc.predict(CHAIN).by_mode, mc.predict(LEAST_SQUARES).spread),
    "its pictures": lambda: (str(mc.predict(CHAIN)), mc.predict(CHAIN)._repr_html_(), mc.predict(CHAIN).to_json()),
    "vary": lambda: mc.vary(by_penalty, {"penalty": np.geomspace(0.1, 1, 12)}),
    "gradient": lambda: mc.gradient(by_penalty)(0.3),
    "derive": lambda: mc.derive(CHAIN).latex(),
    "derive, by hand": lambda: (mc.derive(CHAIN)._repr_html_(), str(mc.derive(CHAIN)), mc.derive(CHAIN).expanded()),
}
FAILING = {
    "predict": (mc.NoTheorem, lambda: mc.predict(MIXED)),
    "vary": (RuntimeError, lambda: mc.vary(broken, {"penalty": [0.1, 0.2]})),
    "vary, refused": (mc.NoTheorem, lambda: mc.vary(lambda penalty: MIXED, {"penalty": [0.1]})),
    "gradient": (RuntimeError, lambda: mc.gradient(broken)(0.3)),
    "gradient, refused": (mc.ModelCollapseError, lambda: mc.gradient(by_penalty)(-0.3)),
    "derive": (mc.NoTheorem, lambda: mc.derive(MIXED)),
}


@pytest.mark.parametrize("call", SUCCESSFUL)
def test_a_successful_call_leaves_no_trace(call):
    SUCCESSFUL[call]()
    assert jnp.ones(1).dtype == jnp.float32


@pytest.mark.parametrize("call", FAILING)
def test_a_failing_call_leaves_no_trace(call):
    error, function = FAILING[call]
    with pytest.raises(error):
        function()
    assert jnp.ones(1).dtype == jnp.float32


def test_a_precise_context_ends():
    with mc.precise():
        assert jnp.ones(1).dtype == jnp.float64
    assert jnp.ones(1).dtype == jnp.float32
    with pytest.raises(RuntimeError), mc.precise():
        broken(0.1)
    assert jnp.ones(1).dtype == jnp.float32


def test_other_threads_compute_in_float64_too():
    """The 64-bit context belongs to a thread; every public call enters it itself."""
    results = []
    with mc.precise():
        worker = threading.Thread(target=lambda: results.append(mc.predict(CHAIN)))
        worker.start()
        worker.join()
    np.testing.assert_array_equal(results[0].error, mc.predict(CHAIN).error)
    assert results[0].error.dtype == np.float64


def test_the_world_outside_does_not_matter():
    """The same bits in the float32 world and inside a 64-bit one."""
    with jax.enable_x64(True):
        inside = mc.predict(CHAIN)
    outside = mc.predict(CHAIN)
    for name in ("error", "bias", "variance", "overlap", "norm", "effective_ridge", "by_mode", "by_generation"):
        np.testing.assert_array_equal(getattr(inside, name), getattr(outside, name))


def test_nothing_is_shared_with_the_caller():
    """Results belong to the caller: writing into them changes no later answer."""
    first = mc.predict(CHAIN)
    kept = first.error.copy()
    if first.error.flags.writeable:
        first.error[:] = 0
    np.testing.assert_array_equal(mc.predict(CHAIN).error, kept)
