"""Products of the truth and of offsets from it: what a statement needs to know of random and of fixed vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..problem import checks
from ..problem.spectrum import Spectrum
from ..problem.target import Target


def is_centred(target: Target, spectrum: Spectrum) -> bool:
    """Whether the mean of a vector is known to vanish, and with it its products with all independent ones.

    >>> from modelcollapse.theory.problem import *
    >>> is_centred(GaussianTarget([1.0, 2.0]), Isotropic(2)), is_centred(Coefficients([0.0, 2.0]), Isotropic(2))
    (True, False)
    """
    if checks.is_symbolic(spectrum.dimension):
        return False
    means = target.mean(np.arange(1, spectrum.dimension + 1), spectrum)
    return bool(checks.is_concrete(means) and not np.any(means))


def products_of(targets: Sequence[Target], spectrum: Spectrum) -> list[list[Any]]:
    """E v_i v_j in every direction, each of shape (d,); different vectors are independent.

    >>> from modelcollapse.theory.problem import *
    >>> fixed, random = Coefficients([2.0]), GaussianTarget([3.0])
    >>> [[one.tolist() for one in row] for row in products_of([fixed, random], Isotropic(1))]
    [[[4.0], [0.0]], [[0.0], [3.0]]]
    """
    squares = [target.second_moments(spectrum) for target in targets]
    if len(targets) == 1:
        return [squares]
    k = np.arange(1, spectrum.dimension + 1)
    means = [target.mean(k, spectrum) + np.zeros(len(k)) for target in targets]
    count = range(len(targets))
    return [[squares[i] if i == j else means[i] * means[j] for j in count] for i in count]
