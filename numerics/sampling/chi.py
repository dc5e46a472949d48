"""Chi variables of many keys at once, exact, by the method of Marsaglia and Tsang."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array, lax

GATHERED = 16  # a retry is for one in so many; a proposal is rejected with probability 1/20 at most
NEAR = 0.1  # where the logarithm is a series: its leading terms cancel


def chi(keys: Array, freedom: Array) -> Array:
    r"""Roots of chi-square variables, exactly 0 where there is no degree of freedom.

    With a = freedom/2 >= 1, c = a - 1/3, x standard normal and t = x/(3 sqrt(c)), the proposal 2 c (1 + t)^3 is a
    chi-square variable when it is accepted, with probability exp(3 c (log(1 + t) - t + t^2/2 - t^3/3)). (Marsaglia
    and Tsang, ACM Trans. Math. Softw. 26, 2000; their exponent, without what cancels.) One degree of freedom is a
    normal. What is rejected is gathered over all keys and proposed again, until nothing is.

    Args:
        keys: shape (keys,); each gives what it would give alone.
        freedom: whole numbers of any sign, shape (count,) or (keys, count); their precision is that of the result.

    Returns:
        Shape (keys, count).

    >>> keys = jax.random.split(jax.random.key(0), 3)
    >>> chi(keys, jnp.array([0.0, -2.0])).tolist()
    [[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]
    """
    freedom = freedom.reshape(-1, freedom.shape[-1])
    centre = jnp.maximum(freedom, 2.0) / 2 - jnp.asarray(1 / 3, freedom.dtype)
    normal_keys, uniform_keys, again = (jax.vmap(lambda key, n=n: jax.random.fold_in(key, n))(keys) for n in range(3))
    shape, kind = freedom.shape[-1:], freedom.dtype
    normal = jax.vmap(lambda key: jax.random.normal(key, shape, kind))(normal_keys)
    uniform = jax.vmap(lambda key: jax.random.uniform(key, shape, kind))(uniform_keys)
    value, accepted = _proposal(normal, uniform, centre)
    single = freedom <= 1
    value, accepted = jnp.where(single, jnp.abs(normal), value), accepted | single
    value = _until_accepted(again, value, accepted, centre)
    return jnp.where(freedom > 0, value, jnp.asarray(0.0, kind))


def _proposal(normal: Array, uniform: Array, centre: Array) -> tuple[Array, Array]:
    """A proposal for the root, and whether it is accepted."""
    t = normal / (3 * jnp.sqrt(centre))
    positive = t > -1
    inside = jnp.where(positive, t, 0.0)
    series = jnp.zeros_like(inside)
    for power in range(14, 3, -1):  # -t^4/4 + t^5/5 - ...
        series = inside * series + (-1.0) ** (power + 1) / power
    direct = jnp.log1p(inside) - inside + inside**2 / 2 - inside**3 / 3
    exponent = 3 * centre * jnp.where(jnp.abs(inside) < NEAR, inside**4 * series, direct)
    value = jnp.sqrt(2 * centre * (1 + inside) ** 3)
    return value, positive & (jnp.log(uniform) < exponent)


def _until_accepted(keys: Array, value: Array, accepted: Array, centre: Array) -> Array:
    """Propose again what was not accepted; the n-th attempt for an entry has a key of its own."""
    alike, count = centre.shape[0] == 1, centre.shape[1]
    kind = value.dtype
    places = value.size // GATHERED + count

    def attempt(state: Any) -> Any:
        value, accepted, attempts = state
        place = jnp.nonzero(~accepted, size=places, fill_value=value.shape[0])[0]
        here = jnp.minimum(place, value.shape[0] - 1)
        draw = jax.vmap(_pair, in_axes=(0, 0, 0, None))
        normal, uniform = draw(keys[here // count], here % count, attempts[here], kind)
        found, good = _proposal(normal, uniform, centre[0 if alike else here // count, here % count])
        value = value.at[place].set(jnp.where(good, found, value[here]), mode="drop")
        accepted = accepted.at[place].set(good, mode="drop")
        return value, accepted, attempts.at[place].add(1, mode="drop")

    start = value.reshape(-1), accepted.reshape(-1), jnp.zeros(value.size, "int32")
    done = lax.while_loop(lambda state: ~jnp.all(state[1]), attempt, start)[0]
    return done.reshape(value.shape)


def _pair(key: Array, entry: Array, attempt: Array, kind: Any) -> tuple[Array, Array]:
    key = jax.random.fold_in(jax.random.fold_in(key, entry), attempt)
    normal_key, uniform_key = jax.random.split(key)
    return jax.random.normal(normal_key, (), kind), jax.random.uniform(uniform_key, (), kind)
