"""Expectations of words the long way: every entry of every matrix, and the moments of one normal variable."""

import itertools
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Plain:
    """X = L Z M' with Z of independent standard normal entries, so that its covariances are LL' and MM'."""

    left: Any
    right: Any

    def roots(self, transposed: bool) -> tuple[Any, Any]:
        """What stands to the left and to the right of Z in X, or of Z' in X'."""
        return (self.right, self.left.T) if transposed else (self.left, self.right.T)


def expectation(letters: Sequence[str], factors: Sequence[Any], matrices: Mapping[str, Plain]) -> float:
    """E tr(L_1 A_1 L_2 A_2 ...); a letter is a name, with a prime for the transpose."""
    names = [letter.rstrip("'") for letter in letters]
    transposed = [letter.endswith("'") for letter in letters]
    roots = [matrices[name].roots(primed) for name, primed in zip(names, transposed, strict=True)]
    between = [roots[i][1] @ factors[i] @ roots[(i + 1) % len(letters)][0] for i in range(len(letters))]
    ends = [range(size) for i in range(len(letters)) for size in (between[i - 1].shape[1], between[i].shape[0])]
    total = 0.0
    for indices in itertools.product(*ends):
        pairs = [indices[2 * i : 2 * i + 2] for i in range(len(letters))]
        entries = Counter(
            (name, *(pair[::-1] if primed else pair))
            for name, primed, pair in zip(names, transposed, pairs, strict=True)
        )
        moment = math.prod(normal_moment(order) for order in entries.values())
        if moment:
            total += moment * math.prod(
                between[i][pairs[i][1], pairs[i + 1 - len(letters)][0]] for i in range(len(letters))
            )
    return float(total)


def normal_moment(order: int) -> int:
    """E z^m of a standard normal variable."""
    return 0 if order % 2 else math.prod(range(1, order, 2))


def positive(root: Any) -> Any:
    """The covariance LL'."""
    return np.asarray(root) @ np.asarray(root).T
