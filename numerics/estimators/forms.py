"""The forms that a fit may take, and the fit in a form."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple, TypeAlias

import jax.numpy as jnp
from jax import Array

from .dual import Dual
from .inverse_root import Factorisation
from .primal import Primal
from .projected import Projected
from .singular import Singular, is_steep

Fit: TypeAlias = Primal | Dual | Singular | Projected


class Route(Enum):
    """Which system is solved."""

    PRIMAL = "normal equations in the coefficients"
    DUAL = "normal equations in the rows"
    SINGULAR = "singular values"


class Form(NamedTuple):
    """A route, in the directions themselves or in `width` random features."""

    route: Route
    width: int | None

    def rows(self, rows: int, directions: int) -> int:
        """How many of `rows` places can hold a row in this form; those that do come first."""
        size = directions if self.width is None else self.width
        return min(rows, size - 1) if self.route is Route.DUAL else rows

    def fit(
        self,
        rows: Array,
        root_weight: Array,
        ridge: Array,
        eigenvalues: Array,
        features: Array | None,
        factorise: Factorisation,
    ) -> Fit:
        """Factorise.

        Args:
            rows: whitened rows times the root of their weights, shape (rows, directions).
            root_weight: 0 on padding, shape (rows,).
            ridge: n lambda >= 0.
            eigenvalues: scale of each direction, shape (directions,).
            features: standard normal, shape (width, directions); None where there are none.
            factorise: how.
        """
        count = self.rows(rows.shape[0], rows.shape[1])
        rows, present = rows[:count], root_weight[:count]
        steep = is_steep(rows * jnp.sqrt(eigenvalues)[None, :])
        if self.width is None or features is None:
            return self._plain(rows, present, ridge, eigenvalues, factorise, steep)
        map_to_features = features * jnp.sqrt(eigenvalues / self.width)[None, :]
        inner = self._plain(rows @ map_to_features.T, present, ridge, jnp.ones(self.width), factorise, steep)
        return Projected(rows, map_to_features, inner)

    def _plain(
        self,
        rows: Array,
        present: Array,
        ridge: Array,
        eigenvalues: Array,
        factorise: Factorisation,
        steep: Array,
    ) -> Primal | Dual | Singular:
        if self.route is Route.SINGULAR:
            return Singular.of(rows, eigenvalues, steep)
        return (Primal if self.route is Route.PRIMAL else Dual).of(rows, present, ridge, eigenvalues, factorise)
