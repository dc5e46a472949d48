"""A chain evaluated under the reading that covers it."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from ..chains.expressed import Expressed
from ..chains.family import Reading
from ..chains.kept_rows import KeptRows
from ..chains.mixture import Mixture
from ..chains.subsample import Subsamples
from ..problem import checks
from ..problem.chain import Chain
from ..problem.errors import NotCertified
from .expressed import expressed_outcome
from .inputs import FINE, full_nodes, grouped_nodes, inputs, is_compressed
from .kept_rows import kept_rows_outcome
from .lowering import Nodes
from .mixture import mixture_outcome
from .recursion import Outcome, run_recursion
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
    if not isinstance(reading, tuple | Expressed) or not is_compressed(chain.population):
        return outcome_on(chain, reading, injection, grouped_nodes(chain.population), margins)
    fine = outcome_on(chain, reading, injection, grouped_nodes(chain.population, FINE), margins)
    if not checks.is_concrete(fine.errors):
        return fine  # nothing can be compared under a transform
    trusted = agree(outcome_on(chain, reading, injection, grouped_nodes(chain.population)), fine)
    return fine if trusted else outcome_on(chain, reading, injection, full_nodes(chain.population))


def outcome_on(chain: Chain, reading: Reading, injection: Any, nodes: Nodes, margins: bool = True) -> Outcome:
    """The errors of a chain on a given form of its spectrum."""
    with jax.enable_x64(True):
        match reading:
            case Mixture():
                return mixture_outcome(chain, reading, injection, nodes)
            case KeptRows():
                return kept_rows_outcome(chain, reading, injection, nodes)
            case Expressed():
                return expressed_outcome(chain, reading, injection, nodes, margins)
            case Subsamples():
                return subsamples_outcome(chain, reading, injection, nodes)
            case _:
                return run_recursion(inputs(chain, reading, nodes, injection))


def agree(coarse: Outcome, fine: Outcome) -> bool:
    """Whether two compressions of one spectrum give the same errors, to a relative 1e-12."""
    names = ("errors", "overlap", "norm", "freedom", "margin_2")
    return all(_close(np.asarray(getattr(coarse, name)), np.asarray(getattr(fine, name))) for name in names)


def require_certified(outcome: Outcome) -> None:
    """Raise `NotCertified` where an effective ridge in use is not certified; tracers pass (they hold NaN then)."""
    if not checks.is_concrete(outcome.root.certified):
        return
    failed = np.asarray(outcome.uses_root) & ~np.asarray(outcome.root.certified)
    if failed.any():
        raise NotCertified(
            f"the effective ridge of generation {int(np.flatnonzero(failed)[0]) + 1} has no certificate: "
            "the spectrum or the penalty is outside the range of float64"
        )


def _close(a: Any, b: Any) -> bool:
    finite = np.isfinite(b)
    if not np.array_equal(np.where(finite, 0.0, a), np.where(finite, 0.0, b), equal_nan=True):
        return False
    return bool(np.all(np.abs(a[finite] - b[finite]) <= COMPRESSION_TOLERANCE * np.abs(b[finite])))
