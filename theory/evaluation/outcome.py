"""A chain evaluated under the reading that covers it."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..chains.expressed import Expressed
from ..chains.family import Reading
from ..chains.kept_projection import KeptProjection
from ..chains.kept_rows import KeptRows
from ..chains.mixture import Mixture
from ..chains.refitted_covariates import RefittedCovariates
from ..chains.selected import Selected
from ..chains.subsample import Subsamples
from ..problem import checks
from ..problem.chain import Chain
from ..problem.errors import NotCertified
from ..problem.labels import Shifted
from .expressed import expressed_outcome
from .inputs import FINE, Spectra, full_spectra, grouped_spectra, inputs, is_compressed
from .kept_projection import kept_projection_outcome
from .kept_rows import kept_rows_outcome
from .mixture import mixture_outcome
from .recursion import Outcome, run_recursion
from .refitted_covariates import refitted_covariates_outcome
from .selected import selected_outcome
from .stages import WORST_CONDITION
from .subsample import subsamples_outcome

COMPRESSION_TOLERANCE = 1e-12


def evaluated(chain: Chain, reading: Reading, injection: Any, margins: bool = True) -> Outcome:
    """The errors of a chain; the recursion on a compressed spectrum where two compressions agree, else on the full one.

    Args:
        chain: with numbers or tracers.
        reading: of the chain.
        injection: (N, K), which of the K tracked parts of the error the noise of a generation feeds.
        margins: whether the effective ridges and margins of expressed chains, which are only shown, are wanted.
    """
    population, offsets = chain.population, offsets_in(reading)
    if not isinstance(reading, tuple | Expressed | KeptProjection | Selected) or not is_compressed(population):
        return outcome_on(chain, reading, injection, grouped_spectra(population, offsets), margins)
    fine = outcome_on(chain, reading, injection, grouped_spectra(population, offsets, FINE), margins)
    if not checks.is_concrete(fine.errors):
        return fine  # nothing can be compared under a transform
    if _uncertified(fine).any():  # counts of a compressed spectrum are no whole numbers, which rows = rank needs
        return outcome_on(chain, reading, injection, full_spectra(population, offsets))
    trusted = agree(outcome_on(chain, reading, injection, grouped_spectra(population, offsets)), fine)
    return fine if trusted else outcome_on(chain, reading, injection, full_spectra(population, offsets))


def offsets_in(reading: Reading) -> tuple[Shifted, ...]:
    """The offsets from the truth that one-step rules carry along."""
    match reading:
        case tuple():
            return reading[0].labelling.offsets
        case KeptProjection():
            return reading.steps[0].labelling.offsets
        case Selected():
            return tuple(Shifted(vector, place) for place, vector in enumerate(reading.vectors[1:]))
        case _:
            return ()


def outcome_on(chain: Chain, reading: Reading, injection: Any, spectra: Spectra, margins: bool = True) -> Outcome:
    """The errors of a chain on a given form of its spectrum."""
    nodes = spectra.nodes
    with jax.enable_x64(True):
        match reading:
            case Mixture():
                return mixture_outcome(chain, reading, injection, nodes)
            case KeptProjection():
                return kept_projection_outcome(chain, reading, injection, spectra)
            case KeptRows():
                return kept_rows_outcome(chain, reading, injection, nodes)
            case Expressed():
                return expressed_outcome(chain, reading, injection, nodes, margins)
            case Selected():
                return selected_outcome(chain, reading, spectra)
            case Subsamples():
                return subsamples_outcome(chain, reading, injection, nodes)
            case RefittedCovariates():
                return refitted_covariates_outcome(chain, reading, injection, nodes)
            case _:
                return _trusted(run_recursion(inputs(chain, reading, spectra, injection)))


def agree(coarse: Outcome, fine: Outcome) -> bool:
    """Whether two compressions of one spectrum give the same errors, to a relative 1e-12."""
    names = ("errors", "overlap", "norm", "freedom", "margin_2")
    return all(_close(np.asarray(getattr(coarse, name)), np.asarray(getattr(fine, name))) for name in names)


def require_certified(outcome: Outcome) -> None:
    """Raise `NotCertified` where an effective ridge in use is not certified; tracers pass (they hold NaN then)."""
    if not checks.is_concrete(outcome.root.certified):
        return
    worst = float(np.asarray(outcome.condition).max()) if checks.is_concrete(outcome.condition) else 1.0
    if worst > WORST_CONDITION:
        raise NotCertified(f"rounding is amplified {worst:.0e}-fold where the truth and shifts cancel in the error")
    failed = _uncertified(outcome)
    if failed.any():
        raise NotCertified(
            f"the effective ridge of generation {int(np.flatnonzero(failed)[0]) + 1} has no certificate: "
            "the spectrum or the penalty is outside the range of float64"
        )


def _trusted(outcome: Outcome) -> Outcome:
    """NaN for errors that rounding has spoiled."""
    spoiled = jnp.asarray(outcome.condition) > WORST_CONDITION
    return outcome._replace(errors=jnp.where(spoiled[:, None], jnp.nan, outcome.errors))


def _uncertified(outcome: Outcome) -> Any:
    return np.asarray(outcome.uses_root) & ~np.asarray(outcome.root.certified)


def _close(a: Any, b: Any) -> bool:
    finite = np.isfinite(b)
    if not np.array_equal(np.where(finite, 0.0, a), np.where(finite, 0.0, b), equal_nan=True):
        return False
    return bool(np.all(np.abs(a[finite] - b[finite]) <= COMPRESSION_TOLERANCE * np.abs(b[finite])))
