"""Chi variables of many keys: one law at any number of degrees of freedom, in both precisions."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from modelcollapse.numerics.sampling.chi import chi

FREEDOM = [1, 2, 3, 4, 50, 10**4, 10**8]
COUNT = 20_000


def drawn(freedom, kind="float64", seed=1, count=COUNT):
    with jax.enable_x64(True):
        keys = jax.random.split(jax.random.key(seed), count)
        return np.asarray(jax.jit(chi)(keys, jnp.asarray(freedom, kind)))


@pytest.mark.parametrize("kind", ["float64", "float32"])
def test_squares_are_chi_square(kind):
    """Kolmogorov-Smirnov at a family-wise level of 1e-3; single precision only where its rounding is not the law's."""
    found = drawn(FREEDOM, kind).astype(float) ** 2
    for place, freedom in enumerate(FREEDOM):
        if kind == "float64" or freedom < 10**6:
            assert stats.kstest(found[:, place], stats.chi2(freedom).cdf).pvalue > 1e-3 / 13


def test_large_numbers_of_degrees_keep_their_spread_in_single_precision():
    """chi is about sqrt(f) with variance 1/2, of which single precision sees steps of 1e-3 at f = 1e8."""
    found = drawn([10**8], "float32").astype(float)[:, 0]
    assert abs(found.mean() - 10**4) < 0.03
    assert abs(found.std() - np.sqrt(0.5)) < 0.02


def test_no_degree_of_freedom_gives_zero():
    assert not drawn([0, -1, -100], count=50).any()


def test_a_key_gives_what_it_gives_alone():
    with jax.enable_x64(True):
        keys = jax.random.split(jax.random.key(3), 300)
        freedom = jnp.arange(1.0, 40.0)
        both = jax.jit(chi)(keys, freedom)
        np.testing.assert_array_equal(both[100:103], jax.jit(chi)(keys[100:103], freedom))
        assert len(np.unique(both)) == both.size


def test_a_longer_draw_begins_with_the_shorter():
    np.testing.assert_array_equal(drawn(range(1, 60), count=20)[:, :30], drawn(range(1, 31), count=20))
