"""The transition of verified labels, estimated from a sample in which right and wrong labels are known."""

from __future__ import annotations

from typing import Any, NamedTuple, final

import jax
import numpy as np

from ..problem.errors import SpecificationError
from ..rules.verification import KEEP_RIGHT, KEEP_WRONG, RIGHT_LABELS, TRANSITION, TRANSITION_ERROR, WRONG_LABELS
from .classification import evaluated_at


@final
class Transition(NamedTuple):
    """An estimate of p* = phi/(phi + psi).

    Attributes:
        estimate: of p*.
        standard_error: of the estimate, for many kept labels of either kind.
        keep_right: phi, the share of right labels that was kept.
        keep_wrong: psi, the share of wrong labels that was kept.
    """

    estimate: float
    standard_error: float
    keep_right: float
    keep_wrong: float


def estimate_transition(right: Any, kept: Any) -> Transition:
    """The error rate below which right labels prevail among those that a verifier keeps, from a labelled sample.

    $$ p^* = \\frac{1}{1 + \\psi/\\phi}, \\qquad
       \\mathrm{SE} = p^* (1 - p^*) \\sqrt{\\frac{1 - \\phi}{n_c \\phi} + \\frac{1 - \\psi}{n_w \\psi}} $$

    Args:
        right: truth values, whether each label of the sample is right; some are, some are not.
        kept: truth values, whether the verifier keeps it; at least one right and one wrong label is kept.

    Returns:
        A `Transition`.

    Raises:
        SpecificationError: for other arrays, and where a share is zero, so that its logarithm has no error.

    Source: derived in theory/rules/verification.py; cf. [V], arXiv 2406.07515.

    >>> right, kept = [True] * 10 + [False] * 10, [True] * 9 + [False] * 1 + [True] * 3 + [False] * 7
    >>> found = estimate_transition(right, kept)  # 0.9/(0.9 + 0.3)
    >>> round(found.estimate, 12), found.keep_right, found.keep_wrong
    (0.75, 0.9, 0.3)
    """
    truth, chosen = _truth_values("right", right), _truth_values("kept", kept)
    if truth.shape != chosen.shape:
        raise SpecificationError("kept", kept, f"{len(truth)} truth values, one for each label")
    shares = []
    for name, sort in (("right", truth), ("wrong", ~truth)):
        if not (sort & chosen).any():
            raise SpecificationError(
                "kept", f"no {name} label", "a sample with a right and a wrong label that are kept"
            )
        shares.append(float(chosen[sort].mean()))
    values = dict(zip((KEEP_RIGHT, KEEP_WRONG), shares, strict=True))
    values |= {RIGHT_LABELS: float(truth.sum()), WRONG_LABELS: float((~truth).sum())}
    with jax.enable_x64(True):
        estimate, error = (float(evaluated_at(one, values)) for one in (TRANSITION, TRANSITION_ERROR))
    return Transition(estimate, error, *shares)


def _truth_values(field: str, values: Any) -> Any:
    array = np.asarray(values)
    if array.dtype != np.bool_ or array.ndim != 1 or array.size == 0:
        raise SpecificationError(field, values, "a sequence of truth values, one for each label")
    return array
