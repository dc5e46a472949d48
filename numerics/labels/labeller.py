"""The noise-free labels of a design, measured from the truth's own labels."""

from __future__ import annotations

from jax import Array

from ...theory.problem.labels import Labels, Previous, Truth


def synthetic(labels: Labels) -> bool:
    """Whether rows are labelled by the model of the generation before.

    >>> from modelcollapse.theory.problem import PREVIOUS, TRUTH
    >>> synthetic(PREVIOUS), synthetic(TRUTH)
    (True, False)
    """
    match labels:
        case Truth():
            return False
        case Previous():
            return True
        case _:
            raise AssertionError(labels)


def label_deviations(rows: Array, previous: Array, from_previous: Array) -> Array:
    """Noise-free label minus the truth's label: x'(w_{g-1} - w_0) on synthetic rows, 0 on real ones.

    Args:
        rows: whitened rows, shape (count, rank).
        previous: whitened deviation of the previous model from the truth, shape (rank,).
        from_previous: 1 on synthetic rows and 0 on real ones, shape (count,).
    """
    return from_previous * (rows @ previous)
