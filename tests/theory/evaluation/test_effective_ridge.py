"""The effective ridge and its margins against many-digit mpmath, at and far from the interpolation threshold."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from mpmath import mp, mpf

from modelcollapse.theory.evaluation.effective_ridge import effective_ridge
from modelcollapse.theory.evaluation.lowering import Nodes, run
from modelcollapse.theory.problem import notation
from modelcollapse.theory.rules.resolvent import RESOLVENT

from .. import reference

TARGET = 1e-13
ORDER = np.arange(1.0, 201.0)
SPECTRA = {
    "flat": np.ones(200),
    "power law 1.5": ORDER**-1.5,
    "power law 4": ORDER**-4,
    "one spike": np.r_[1e3, np.ones(199)],
    "half 1e-300": np.r_[np.ones(100), np.full(100, 1e-300)],
    "one 1e-300": np.r_[np.ones(199), 1e-300],
    "all 1e-300": np.full(200, 1e-300),
    "power law down to 1e-300": np.logspace(0, -300, 200),
    "rank 150, flat": np.ones(150),
    "rank 150, power law": ORDER[:150] ** -1.5,
}


@cache
def _compiled():
    """kappa with its certificate, 1 - df_1/n and 1 - df_2/n as the resolvent rule defines them, for a batch."""

    def cell(s, rows, penalty):
        nodes = Nodes(s, jnp.ones_like(s), jnp.ones_like(s))
        root = effective_ridge(nodes.s, nodes.counts, rows, penalty)
        known = {notation.rows: rows, notation.penalty: penalty, notation.kappa: root.value}
        margins = run(RESOLVENT.definitions, known, nodes)
        return root, margins[notation.margin_1] / rows, margins[notation.margin_2] / rows

    return jax.jit(jax.vmap(cell))


def solve(cells):
    """Root, 1 - df_1/n and 1 - df_2/n of cells (s, rows, penalty) of one dimension."""
    with jax.enable_x64(True):
        batch = [np.array(part, dtype=float) for part in zip(*cells, strict=True)]
        return jax.tree.map(np.asarray, _compiled()(*batch))


def relative_errors(cells, root, first, second):
    """Relative errors of kappa, 1 - df_1/n and 1 - df_2/n against the textbook equation in many digits."""
    errors = np.empty((len(cells), 3))
    for index, (s, rows, penalty) in enumerate(cells):
        problem = s, np.ones(len(s)), int(rows), penalty
        with mp.workdps(reference.digits_for(*problem)):
            kappa = reference.effective_ridge(*problem)
            shares = [mpf(v) / (mpf(v) + kappa) for v in s]
            exact = [kappa, 1 - mp.fsum(shares) / int(rows), 1 - mp.fsum(q * q for q in shares) / int(rows)]
            if penalty == 0:
                exact[1] = mpf(0)
            found = [mpf(float(value[index])) for value in (root.value, first, second)]
            errors[index] = [abs(a - b) / abs(b or 1) for a, b in zip(found, exact, strict=True)]
    return errors


def assert_accurate(cells):
    root, first, second = solve(cells)
    assert [cells[index][1:] for index in np.flatnonzero(~root.certified)] == []
    assert root.width.max() <= TARGET
    assert root.steps.max() <= 120
    errors = relative_errors(cells, root, first, second)
    assert errors.max() <= TARGET
    assert np.all(errors[:, 0] <= root.width)


@pytest.mark.parametrize("name", SPECTRA)
def test_the_interpolation_threshold(name):
    """Rows within 3 of the dimension and of the rank, n lambda from 0 and 1e-300 to 1e6."""
    s = SPECTRA[name]
    rows = sorted({*range(197, 204), *range(len(s) - 3, len(s) + 4)})
    totals = (0, 1e-300, 1e-12, 1e-6, 1.0, 1e6)
    assert_accurate([(s, n, total / n) for n in rows for total in totals if total > 0 or n < len(s)])


@pytest.mark.parametrize("exponent", [1, 2, 3, 4, 5, 6])
def test_steep_spectra_with_rows_far_from_the_dimension(exponent):
    s = np.arange(1.0, 301.0) ** -exponent
    penalties = (1e2, 3e-2, 1e-6, 7e-11, 1e-14)
    assert_accurate([(s, n, penalty) for n in (4, 30, 150, 299, 300, 301, 2500) for penalty in penalties])


def test_two_thousand_dimensions():
    order = np.arange(1.0, 2001.0)
    cells = (1, 40, 1e-14), (1, 2001, 1e-12), (3, 2000, 1e-14), (3, 9000, 1e2), (6, 1999, 1e-14), (6, 700, 1e-8)
    assert_accurate([(order**-exponent, rows, penalty) for exponent, rows, penalty in cells])


def test_nothing_is_certified_where_the_effective_ridge_is_zero():
    """Without a penalty and with at least as many rows as directions there is no positive root."""
    cells = [(SPECTRA[name], rows, 0.0) for name in ("flat", "power law 4", "one 1e-300") for rows in (200, 201, 900)]
    root, _, _ = solve(cells)
    assert not root.certified.any()
