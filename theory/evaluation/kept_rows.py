"""Kept real rows in numbers: the ridge chain that stands for them, on the Marchenko-Pastur spectrum."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from ..chains.kept_rows import KeptRows
from ..problem import notation as x
from ..problem.chain import Chain
from ..problem.errors import NotCertified
from ..rules.kept_rows import (
    ANGLE,
    DENSITY_OF_KEPT_ROWS,
    REAL_NOISE,
    REAL_ROWS,
    SPECTRUM_OF_KEPT_ROWS,
    TARGET_OF_KEPT_ROWS,
)
from ..rules.least_squares import LEAST_SQUARES
from .exchangeable import NO_SPECTRUM, exchangeable_outcome
from .inputs import Spectra, as_array, step_inputs
from .lowering import Nodes, evaluate, run
from .recursion import Outcome, run_recursion

NODES = 256
QUADRATURE_TOLERANCE = 1e-10


def kept_rows_outcome(chain: Chain, reading: KeptRows, injection: Any, nodes: Nodes) -> Outcome:
    """The errors of a chain that keeps its real rows (inside `jax.enable_x64(True)`).

    Raises:
        NotCertified: where the quadrature over the spectrum of the real rows has not converged.
    """
    rank = float(chain.population.spectrum.rank())
    missing = 0 if reading.starts_full else 1
    spectrum = spectrum_of_kept_rows(reading, rank)
    spectra = Spectra(spectrum, spectrum.target[None, None, :])
    problem = step_inputs(reading.steps, spectra, rank, injection[missing:])
    ridge = run_recursion(problem._replace(start_kept=1.0 - missing))
    fed = jnp.asarray(injection[0])
    # What the recursion takes for the truth is label noise, too: that of generation 1.
    errors = ridge.errors.at[:, 0].set(0.0) + ridge.errors[:, :1] * fed[None, :]
    margin = jnp.minimum(ridge.margin_2, as_array(reading.rows) - rank)
    if missing:
        errors = jnp.concatenate([_first(reading, rank) * fed[None, :], errors])
        margin = jnp.concatenate([jnp.full(1, jnp.inf), margin])
    return exchangeable_outcome(nodes, rank, errors, margin)


def spectrum_of_kept_rows(reading: KeptRows, rank: float) -> Nodes:
    """Nodes of the inverse Gram matrix: a Gauss rule, as the angles are equally spaced."""
    angles = as_array(np.arange(1, NODES + 1) * (np.pi / (NODES + 1)))
    given = {REAL_ROWS: as_array(reading.rows), x.rank: rank, ANGLE: angles}
    known = run(SPECTRUM_OF_KEPT_ROWS.definitions, given, NO_SPECTRUM)
    s = evaluate(SPECTRUM_OF_KEPT_ROWS.result, known, NO_SPECTRUM)
    counts = rank * evaluate(DENSITY_OF_KEPT_ROWS.result, known, NO_SPECTRUM) * (np.pi / (NODES + 1))
    _require_converged(float(counts @ s), rank, float(reading.rows))
    nodes = Nodes(s, counts, counts)
    variance = {x.noise_squared: as_array(reading.noise_squared)}  # a root would have no derivative at 0
    tau = evaluate(TARGET_OF_KEPT_ROWS.result.subs(REAL_NOISE**2, x.noise_squared), variance, nodes)
    return nodes._replace(target=counts * tau)


def _require_converged(trace: float, rank: float, rows: float) -> None:
    """The trace of the inverse Gram matrix is known, r/(n_0 - r)."""
    if abs(trace * (rows - rank) / rank - 1.0) > QUADRATURE_TOLERANCE:
        raise NotCertified(
            f"the spectrum of {rows:.0f} kept rows at rank {rank:.0f} is too wide for {NODES} nodes: keep more rows"
        )


def _first(reading: KeptRows, rank: float) -> Any:
    """The error of the first fit, to the real rows alone, exact; shape (1, 1)."""
    rows, noise_squared = reading.first
    known = run(LEAST_SQUARES.definitions, {x.rows: float(rows), x.rank: rank}, NO_SPECTRUM)
    every_direction = Nodes(np.ones(1), np.full(1, rank), np.ones(1))
    gain = evaluate(LEAST_SQUARES.noise.result, known | {x.weight: np.ones(1)}, every_direction)
    return jnp.reshape(as_array(noise_squared) * gain, (1, 1))
