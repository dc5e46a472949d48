"""Least squares by bidiagonalisation (LSQR), reorthogonalised, until the error of the model is known to be small."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigvalsh_tridiagonal

from ....theory.problem.errors import NotCertified
from .equations import Equations, Stacked
from .rows import Rows, Vector, norm, plus

EXHAUSTED = 1e-14  # relative length of a Krylov vector that is rounding error
TRUSTED = 1e-6  # largest relative effect of rounding that is let through
SPARE = 3  # steps beyond the rank
EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Goal:
    """When a solution is good enough.

    Attributes:
        tolerance: of the root of the excess error, relative.
        rank: after how many steps the Krylov space is used up.
        truth: what the excess error is measured from, in the space of models; None: from zero.
        counted: for each block of the space of models, whether errors count in it.
    """

    tolerance: float
    rank: int
    truth: Vector | None
    counted: Vector


def solve(equations: Equations, right: Stacked, goal: Goal) -> Vector:
    """The deviation v - truth of the model whose unknown x minimises |A x - right|^2, the shortest such x.

    From zero the gradient at step k is g = |A'(right - A x)|, and by the least singular value s that the bidiagonal
    matrix shows so far the distance to the solution is at most g / s^2.

    Raises:
        NotCertified: when that is not small after as many steps as there are dimensions, or rounding is not.
    """
    run = _Run(equations, goal, right)
    while not run.done:
        if run.steps >= goal.rank + SPARE:
            raise NotCertified(f"least squares did not converge in {run.steps} steps")
        run.advance()
    return run.deviation()


class _Run:
    """The state of the iteration: the last vectors, the basis on the right, and the bidiagonal matrix made upper."""

    def __init__(self, equations: Equations, goal: Goal, right: Stacked) -> None:
        self._equations, self._goal = equations, goal
        self.steps = 0
        self._basis = Rows()
        self._diagonal: list[float] = []
        self._above: list[float] = []
        self._solution = np.zeros(0)
        self._residual = length(right)
        self._least = math.inf  # singular value, an upper bound
        self._largest = self._gradient = math.inf
        self._scale = 0.0  # of the matrix, a lower bound on its Frobenius norm
        if not math.isfinite(self._residual):
            raise NotCertified("a label is not finite")
        self.done = self._residual == 0.0
        if self.done:
            return
        self._left = scaled(right, 1 / self._residual)
        gradient = equations.transposed_times(self._left)
        self._alpha = norm(gradient)
        self.done = self._alpha == 0.0
        if not self.done:
            self._right = gradient / self._alpha
            self._basis.append(self._right)
            self._search, self._rho_bar, self._scale = self._right, self._alpha, self._alpha

    def advance(self) -> None:
        """One step of the bidiagonalisation, and its rotation."""
        left = difference(self._equations.times(self._right), self._left, self._alpha)
        beta, alpha, right = length(left), 0.0, self._right
        self._scale = math.hypot(self._scale, beta)
        if not math.isfinite(self._scale):
            raise NotCertified("a model is not finite")
        if beta <= EXHAUSTED * self._scale:
            beta = 0.0
        else:
            self._left = scaled(left, 1 / beta)
            gradient = plus(self._equations.transposed_times(self._left), -beta * self._right)
            _, right, alpha = self._basis.split(gradient)
            self._scale = math.hypot(self._scale, alpha)
            alpha = 0.0 if alpha <= EXHAUSTED * self._scale else alpha
        self._rotate(beta, alpha, right)
        self.done = self._is_close() if alpha > 0.0 else self._measure()

    def _rotate(self, beta: float, alpha: float, right: Vector) -> None:
        """Eliminate beta, and move the solution along the search direction."""
        rho = math.hypot(self._rho_bar, beta)
        cosine, sine = self._rho_bar / rho, beta / rho
        theta = sine * alpha
        self._solution = plus(self._solution, (cosine * self._residual / rho) * self._search)
        self._diagonal.append(rho)
        self._above.append(theta)
        self._gradient = abs(sine * self._residual * alpha * cosine)
        self._residual, self._rho_bar, self._alpha = sine * self._residual, -cosine * alpha, alpha
        self.steps += 1
        if alpha > 0.0:
            self._right = right / alpha
            self._basis.append(self._right)
            self._search = plus(self._right, (-theta / rho) * self._search)

    def _is_close(self) -> bool:
        """Whether the model is known to the tolerance; the singular values are looked at only where it may be."""
        gradient = self._equations.unknown.largest * self._gradient
        wanted = self._goal.tolerance * self._error()
        return gradient <= wanted * self._least**2 and self._measure() and gradient <= wanted * self._least**2

    def _measure(self) -> bool:
        """The least and the largest singular value of the bidiagonal matrix; they are known now."""
        beside = np.empty(2 * self.steps - 1)  # of its Jordan form, whose eigenvalues are theirs, with either sign
        beside[0::2], beside[1::2] = self._diagonal, self._above[:-1]
        least, self._largest = (
            float(eigvalsh_tridiagonal(np.zeros(beside.size + 1), beside, select="i", select_range=(i, i))[0])
            for i in (self.steps, 2 * self.steps - 1)
        )
        self._least = max(least, EPSILON * self._largest)  # as accurately as it is known
        return True

    def _error(self) -> float:
        """The root of the excess error so far."""
        return self._root(self._from_truth())

    def _from_truth(self) -> Vector:
        model = self._equations.unknown.model(self._solution)
        return model if self._goal.truth is None else plus(model, -self._goal.truth)

    def _root(self, deviation: Vector) -> float:
        return norm(self._equations.around.each(np.sqrt(self._goal.counted))[: deviation.size] * deviation)

    def deviation(self) -> Vector:
        """What was found, once its rounding is known to be small."""
        found = self._from_truth()
        error = self._root(found)
        if not math.isfinite(error):
            raise NotCertified("a model is not finite")
        if self.steps and error > 0.0:
            condition = self._largest / self._least
            effect = condition * (norm(self._solution) + condition * self._residual / self._largest)
            doubt = EPSILON * effect * self._equations.unknown.largest / error
            if not doubt <= TRUSTED:
                raise NotCertified(f"rounding may change the model by {doubt:.1e}, relative; a larger penalty helps")
        return found


def length(stacked: Stacked) -> float:
    """The Euclidean length of all parts together."""
    return math.sqrt(sum(part @ part for part in stacked))


def scaled(stacked: Stacked, factor: float) -> Stacked:
    """All parts times a factor."""
    return [factor * part for part in stacked]


def difference(first: Stacked, second: Stacked, factor: float) -> Stacked:
    """The first minus a factor times the second."""
    return [plus(one, -factor * other) for one, other in zip(first, second, strict=True)]
