"""Monitors: what can be watched of a model that is trained on its own labels."""

from __future__ import annotations

from enum import Enum


class Monitor(Enum):
    """A number that is read off in every generation, in the hope that it warns of collapse.

    >>> Monitor.DRIFT.value
    'drift'
    """

    LABEL_VARIANCE = "label variance"  # of fresh labels by the model, noise included
    ENTROPY = "entropy"  # of a Gaussian with that variance
    IN_SAMPLE = "in-sample residual"  # RSS/(rows - rank) of least squares, RSS/rows of other fits
    HELD_OUT = "held-out residual"  # mean square on fresh real labels
    DRIFT = "drift"  # squared distance of the weights from those of the first model
    TAIL_COVERAGE = "tail coverage"  # share of fresh labels by the model that are far from the truth
    LOG_DETERMINANT = "log-determinant"  # of the fitted covariance, minus that of the population's
    TRACE = "trace"  # of the fitted covariance, over that of the population's
