"""Sums in blocks: what their rounding is bounded by, in exact arithmetic."""

from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from modelcollapse.theory.evaluation.summation import BLOCK, blockwise_steps, blockwise_sums

UNIT = Fraction(1, 2**53)


@pytest.mark.parametrize("length", [1, 2, 7, 8, 9, 64, 65, 513, 5000])
def test_several_sums_in_one_pass_are_within_their_bound(length):
    """And under `vmap`, to the bit, whichever lane a row is in."""
    generator = np.random.default_rng(length)
    terms = 10.0 ** generator.uniform(-8, 0, (3, 2, length)) * generator.choice([-1.0, 1.0], (3, 2, length))
    with jax.enable_x64(True):
        summed = jax.jit(lambda rows: jnp.stack(blockwise_sums(list(rows)), axis=-1))
        sums = np.asarray(summed(jnp.asarray(terms)))
        mapped = np.asarray(jax.jit(jax.vmap(summed, 1))(jnp.asarray(terms)))
    np.testing.assert_array_equal(mapped, sums)
    for (which, row), found in np.ndenumerate(sums.T):
        exact = [Fraction(value) for value in terms[which, row]]
        bound = blockwise_steps(length) * UNIT * sum(map(abs, exact))
        assert abs(Fraction(float(found)) - sum(exact)) <= bound * (1 + Fraction(1, 10**9))


def test_the_number_of_additions_grows_with_the_logarithm():
    assert [blockwise_steps(BLOCK**power) for power in range(4)] == [0, 7, 14, 21]
    assert blockwise_steps(10**8) == 61
