"""Derivatives of the effective ridge against the implicit function theorem in many digits."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from mpmath import mp, mpf

from modelcollapse.theory.evaluation.effective_ridge import effective_ridge

from .. import reference

TARGET = 1e-10
NODES, RANK = 10, 200
SPECTRA = {
    "power law 1.5": np.arange(1.0, NODES + 1) ** -1.5,
    "power law 6": np.arange(1.0, NODES + 1) ** -6,
    "one spike": np.r_[1e3, np.full(NODES - 1, 0.7)],
    "down to 1e-300": np.logspace(0.3, -300, NODES),
}
COUNTS = np.array([3, 41, 9, 12, 25, 7, 50, 13, 29, 11], dtype=float)
CELLS = [(n, total / n) for n in range(RANK - 3, RANK + 4) for total in (1e-300, 1e-12, 1e-6, 0.7, 1e6)]
CELLS += [(n, penalty) for n in (5, 70, 2500) for penalty in (1e2, 1e-3, 1e-14)]
CELLS += [(n, 0.0) for n in (5, 70, RANK - 1)]


def exact(s, counts, rows, penalty):
    """d kappa / d(s_j), d(counts_j), d(lambda) from F = df_1 + n lambda/kappa - n = 0, in many digits."""
    with mp.workdps(reference.digits_for(s, counts, rows, penalty)):
        kappa = reference.effective_ridge(s, counts, rows, penalty)
        s, counts, penalty = [mpf(v) for v in s], [mpf(m) for m in counts], mpf(penalty)
        down = mp.fsum(m * v / (v + kappa) ** 2 for v, m in zip(s, counts, strict=True)) + rows * penalty / kappa**2
        by_eigenvalue = [m * kappa / (v + kappa) ** 2 / down for v, m in zip(s, counts, strict=True)]
        by_count = [v / (v + kappa) / down for v in s]
        return by_eigenvalue, by_count, rows / kappa / down


@pytest.fixture(scope="module")
def derivatives():
    """Compiled d kappa / d(s, counts, penalty) of a batch of problems, in reverse mode."""

    def value(s, counts, rows, penalty):
        return effective_ridge(s, counts, rows, penalty).value

    compiled = jax.jit(jax.vmap(jax.grad(value, argnums=(0, 1, 3)), in_axes=(None, None, 0, 0)))

    def call(s, cells):
        with jax.enable_x64(True):
            rows, penalty = (np.array(column, dtype=float) for column in zip(*cells, strict=True))
            return jax.tree.map(np.asarray, compiled(s, COUNTS, rows, penalty))

    return call


@pytest.mark.parametrize("name", SPECTRA)
def test_derivatives_are_exact_in_every_regime(name, derivatives):
    s = SPECTRA[name]
    found = derivatives(s, CELLS)
    for index, (rows, penalty) in enumerate(CELLS):
        values = np.r_[found[0][index], found[1][index], found[2][index]]
        by_eigenvalue, by_count, by_penalty = exact(s, COUNTS, rows, penalty)
        expected = np.array([float(value) for value in (*by_eigenvalue, *by_count, by_penalty)])
        representable = expected > 1e-290  # JAX flushes smaller derivatives to zero
        errors = np.abs(values - expected)[representable] / expected[representable]
        assert errors.max() <= TARGET, (rows, penalty)
        assert np.all(values[~representable] <= 1e-290)


def test_forward_mode_is_the_adjoint_of_reverse_mode():
    s, rows, penalty = SPECTRA["power law 1.5"], 199.0, 3e-4
    generator = np.random.default_rng(5)
    direction = generator.normal(size=NODES), generator.normal(size=NODES), np.float64(generator.normal())

    def value(s, counts, penalty):
        return effective_ridge(s, counts, jnp.asarray(rows), penalty).value

    def both(point, direction):
        return jax.jvp(value, point, direction)[1], jax.grad(value, argnums=(0, 1, 2))(*point)

    with jax.enable_x64(True):
        along, gradients = jax.jit(both)((s, COUNTS, np.float64(penalty)), direction)
    expected = sum(float(np.sum(np.asarray(g) * d)) for g, d in zip(gradients, direction, strict=True))
    assert abs(float(along) / expected - 1) <= 1e-12
