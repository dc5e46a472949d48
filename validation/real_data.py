"""Real data as a population: covariance, truth and noise read off a table of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from ..theory.problem import Coefficients, Eigenvalues, MissingExtra, Population, SpecificationError
from ..theory.problem.checks import ByContent
from ..theory.results import RATIO, Column, Labelled, Tabled, plain

Array = NDArray[np.float64]


@final
@dataclass(frozen=True, eq=False, repr=False)
class RealData(ByContent, Tabled):
    """A data set in the eigenbasis of its covariance, ready to be a population and a source of covariates.

    Attributes:
        population: eigenvalues of the covariance and least-squares coefficients, both in the eigenbasis.
        noise: residual standard deviation of that fit, in units of the standard deviation of y.
        rows: (rows, rank), the standardised covariates in the eigenbasis; rows'rows / m = diag(eigenvalues).
        basis: (kept columns, rank), orthonormal; standardised columns = rows @ basis.T.
        kept: indices of the columns of X that vary.
        dropped: indices of the constant columns of X.
        tolerance: singular values up to this one count as zero.
        names: names of the columns of X, or None.
    """

    population: Population
    noise: float
    rows: Array
    basis: Array
    kept: tuple[int, ...]
    dropped: tuple[int, ...]
    tolerance: float
    names: tuple[str, ...] | None = None

    @property
    def rank(self) -> int:
        """Number of directions in which the rows vary: the dimension of the population."""
        return int(self.population.dimension)

    @property
    def explained(self) -> float:
        """Share of the variance of y that the linear model explains: sum_k s_k w_k^2."""
        eigenvalues = self.population.spectrum.eigenvalues()
        return float(np.sum(eigenvalues * self.population.target.second_moments(self.population.spectrum)))

    def facts(self) -> dict[str, str]:
        """What was read, in words."""
        eigenvalues = self.population.spectrum.eigenvalues()
        return {
            "rows": str(len(self.rows)),
            "columns kept": str(len(self.kept)),
            "constant columns dropped": ", ".join(self._name(column) for column in self.dropped) or "none",
            "rank": f"{self.rank} (singular values above {self.tolerance:.2g})",
            "eigenvalues": f"{eigenvalues[0]:.3g} down to {eigenvalues[-1]:.3g}",
            "variance explained": f"{self.explained:.3f}",
            "noise": f"{self.noise:.3f} standard deviations of y",
        }

    def _name(self, column: int) -> str:
        return str(column) if self.names is None else self.names[column]

    def to_dict(self) -> dict[str, Any]:
        """Everything but the rows as plain values, infinities and NaN as strings."""
        return {
            "result": "RealData",
            **plain(self._by_direction()),
            "noise": self.noise,
            "explained": self.explained,
            "rows": len(self.rows),
            "kept": list(self.kept),
            "dropped": list(self.dropped),
            "tolerance": self.tolerance,
            "names": None if self.names is None else list(self.names),
        }

    def labelled(self) -> Labelled:
        """One row for each direction: `eigenvalue`, `coefficient`, `share` explained; xarray holds the rows, too."""
        columns = {name: Column(values, RATIO) for name, values in self._by_direction().items()}
        about = {"noise": self.noise, "kept": list(self.kept), "dropped": list(self.dropped)}
        further = {"rows": Column(self.rows, RATIO, ("row", "direction"))}
        return Labelled({"direction": range(1, self.rank + 1)}, columns, about, further)

    def _by_direction(self) -> dict[str, Array]:
        spectrum, target = self.population.spectrum, self.population.target
        s, w = spectrum.eigenvalues(), np.asarray(target.mean(np.arange(1, self.rank + 1), spectrum))
        return {"eigenvalue": s, "coefficient": w, "share": s * w**2}

    _head = ("fact", "value")

    def _rows(self) -> list[tuple[str, str]]:
        return list(self.facts().items())

    def _caption(self) -> str:
        return "Real data"

    def __str__(self) -> str:
        return "RealData\n" + "\n".join(f"  {name}: {value}" for name, value in self.facts().items())


def read_data(X: Any, y: Any, *, names: Sequence[str] | None = None) -> RealData:
    """Read a table as a linear model in the eigenbasis of its covariance.

    Columns of X are centred, constant ones are dropped, the others are scaled to unit variance; y is centred and
    scaled to unit variance. With Z = U S V' (m rows), directions of zero singular value are dropped and

    $$ s_k = S_k^2 / m, \\qquad w_0 = S^{-1} U' y, \\qquad sigma^2 = |y - U U' y|^2 / (m - rank - 1). $$

    Args:
        X: (m, columns) finite numbers, at least one column that varies.
        y: (m,) finite numbers that are not all equal.
        names: one name for each column of X.

    Returns:
        The population, its noise, and the standardised rows in the eigenbasis.

    Raises:
        SpecificationError: for anything else, or fewer than rank + 2 rows, which leave no residual to read noise from.

    >>> data = read_data([[1.0, 5.0], [-1.0, 5.0], [1.0, 5.0], [-1.0, 5.0]], [2.0, 0.0, 0.0, -2.0])
    >>> data.dropped, data.population.spectrum.eigenvalues().tolist()
    ((1,), [1.0])
    >>> round(data.noise**2, 12)  # y = (1, 0, 0, -1) sqrt(2), fitted by x / sqrt(2): residual 2 on 4 - 1 - 1 rows
    1.0
    """
    table, response = _checked(X, y, names)
    varies = _varies(table)
    columns, response = _standardised(table[:, varies]), _standardised(response[:, None])[:, 0]
    left, singular, basis, tolerance = _principal_directions(columns)
    count, rank = len(columns), len(singular)
    if count < rank + 2:
        raise SpecificationError("X", X, f"at least {rank + 2} rows (rank {rank}): noise is read from the residuals")
    scores = left.T @ response
    residual = response - left @ scores
    return RealData(
        population=Population(Eigenvalues(singular**2 / count), Coefficients(scores / singular)),
        noise=float(np.sqrt(residual @ residual / (count - rank - 1))),
        rows=_read_only(left * singular),
        basis=_read_only(basis),
        kept=tuple(np.flatnonzero(varies).tolist()),
        dropped=tuple(np.flatnonzero(~varies).tolist()),
        tolerance=tolerance,
        names=None if names is None else tuple(map(str, names)),
    )


def population_from_data(X: Any, y: Any) -> tuple[Population, float]:
    """The population and the noise of `read_data`.

    >>> population, noise = population_from_data([[1.0], [-1.0], [1.0], [-1.0]], [2.0, 0.0, 0.0, -2.0])
    >>> population.dimension, round(noise, 12)
    (1, 1.0)
    """
    data = read_data(X, y)
    return data.population, data.noise


def digits() -> RealData:
    """The 1797 images of 8 x 8 pixels that come with scikit-learn; y is the digit read as a number."""
    bundle = _datasets("digits()").load_digits()
    return read_data(bundle.data, bundle.target, names=bundle.feature_names)


def diabetes() -> RealData:
    """The 442 patients with ten measurements that come with scikit-learn; y is the progression of the disease."""
    bundle = _datasets("diabetes()").load_diabetes()
    return read_data(bundle.data, bundle.target, names=bundle.feature_names)


def _datasets(feature: str) -> Any:
    try:
        from sklearn import datasets
    except ImportError:
        raise MissingExtra(feature, "scikit-learn", "report") from None
    return datasets


def _checked(X: Any, y: Any, names: Sequence[str] | None) -> tuple[Array, Array]:
    table, response = _numbers("X", X, 2), _numbers("y", y, 1)
    if len(response) != len(table):
        raise SpecificationError("y", y, f"{len(table)} numbers, one for each row of X")
    if names is not None and len(names) != table.shape[1]:
        raise SpecificationError("names", names, f"{table.shape[1]} names, one for each column of X")
    if not _varies(table).any():
        raise SpecificationError("X", X, "at least one column that is not constant")
    if not _varies(response[:, None]).all():
        raise SpecificationError("y", y, "values that are not all equal")
    return table, response


def _numbers(field: str, values: Any, dimensions: int) -> Array:
    """`values` as a float64 array of the right number of dimensions, at least two rows long."""
    allowed = f"a {dimensions}-dimensional array of finite numbers with at least 2 rows"
    try:
        raw = np.asarray(values)
    except (TypeError, ValueError):
        raise SpecificationError(field, values, allowed) from None
    # np.asarray would silently read through a mask.
    if isinstance(values, np.ma.MaskedArray) or raw.dtype.kind not in "iuf" or raw.ndim != dimensions:
        raise SpecificationError(field, values, allowed)
    array = raw.astype(np.float64)
    if len(array) < 2 or array.size == 0 or not np.all(np.isfinite(array)):
        raise SpecificationError(field, values, allowed)
    return array


def _varies(table: Array) -> NDArray[np.bool_]:
    """Which columns differ from a constant by more than rounding."""
    largest = np.abs(table).max(axis=0)
    unit = table / np.where(largest > 0, largest, 1.0)
    return np.asarray(np.ptp(unit, axis=0) > 8 * np.finfo(np.float64).eps)


def _standardised(table: Array) -> Array:
    """Columns of mean zero and variance one; divided by their largest entry first, so that squares cannot overflow."""
    unit = table / np.abs(table).max(axis=0)
    centred = unit - unit.mean(axis=0)
    return np.asarray(centred / np.sqrt(np.mean(centred**2, axis=0)))


def _principal_directions(columns: Array) -> tuple[Array, Array, Array, float]:
    """Left vectors, singular values and right vectors that count as non-zero, and the tolerance that says so."""
    left, singular, right = np.linalg.svd(columns, full_matrices=False)
    tolerance = float(max(columns.shape) * np.finfo(np.float64).eps * singular[0])
    rank = int(np.sum(singular > tolerance))
    # The SVD leaves the signs open: the largest entry of each direction is made positive.
    largest = right[np.arange(rank), np.abs(right[:rank]).argmax(axis=1)]
    signs = np.sign(largest)
    return left[:, :rank] * signs, singular[:rank], right[:rank].T * signs, tolerance


def _read_only(array: Array) -> Array:
    fresh = np.ascontiguousarray(array)
    fresh.setflags(write=False)
    return fresh
