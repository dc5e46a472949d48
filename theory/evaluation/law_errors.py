"""The error of a family of chains at given rows, from the theorem itself: what a scaling law is held against."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple, final

import jax
import jax.numpy as jnp
import numpy as np

from ..asymptotics.demystified_family import Demystified, a_family
from ..asymptotics.scaling_terms import BIAS, DIRECT, PARTS, SPREAD, VARIANCE
from ..problem import checks
from ..problem import notation as x
from ..problem.errors import NotCertified, SpecificationError
from ..problem.population import Population
from ..problem.spectrum import PowerLaw
from ..problem.target import SourceCondition
from ..statements.demystified import GENERATOR_NOISE, GENERATOR_ROWS, GENERATORS, TEST_ERROR_AFTER_GENERATORS
from .effective_ridge import effective_ridge
from .inputs import FINE, grouped_spectra
from .lowering import Nodes, evaluate, run

NODES = 512  # spectra are filled up to a multiple of this, so that few programs are compiled
KEPT = 64  # spectra


@final
class LawErrors(NamedTuple):
    """The error's parts at every number of rows, NumPy float64 of the shape of the rows.

    Attributes:
        bias: the noise-free error.
        variance: of the last fit's label noise.
        collapse: of the generators' label noise.
        dimension: the dimension that was used.
        kappa: the effective ridge.
    """

    bias: Any
    variance: Any
    collapse: Any
    dimension: Any
    kappa: Any

    @property
    def error(self) -> Any:
        """The excess error."""
        return self.bias + self.variance + self.collapse


def errors_along(family: Demystified, rows: Any, *, dimension: int | None = None, penalty: Any = None) -> LawErrors:
    """The error of a family's chains, at real numbers of rows and generators: the theorem is a formula in them.

    Args:
        family: numbers only.
        rows: T > 0 of the last fit, array.
        dimension: d; None takes round(phi_0 T^b), which needs generator_ratio > 0.
        penalty: > 0, in the place of the family's own, array that broadcasts against the rows.

    Returns:
        `LawErrors`, deterministic equivalents.

    Raises:
        NotCertified: where an effective ridge is not certified.
        SpecificationError: for symbols, for rows that leave the generators fewer rows than directions, and where no
            dimension is known.

    Source: theory/statements/demystified.py.

    >>> from modelcollapse.theory.asymptotics.demystified_family import Demystified
    >>> family = Demystified(exponent=2, source=0.5, penalty=0.5, generator_ratio=0.5)
    >>> out = errors_along(family, [1000.0])
    >>> int(out.dimension[0]), out.error.shape
    (500, (1,))
    """
    if any(value.free_symbols for value in vars(a_family("family", family)).values()):
        raise SpecificationError("family", family, "numbers only")
    own = {name: float(value) for name, value in vars(family).items()}
    many = checks.positive_numbers("rows", rows)
    law = own["penalty_scale"] * many ** -own["penalty"]
    ridge = checks.positive_numbers("penalty", law if penalty is None else penalty)
    many, ridge = np.broadcast_arrays(many, ridge)
    sizes = _sizes(own, many, dimension)
    generator_rows = many ** own["generator_rows"]
    if np.any(generator_rows < sizes + 2):
        raise SpecificationError("rows", rows, "rows at which the generators have at least dimension + 2 rows")
    with jax.enable_x64(True):
        points = zip(many.ravel(), ridge.ravel(), sizes.ravel(), generator_rows.ravel(), strict=True)
        found = np.array([_at(own, *point) for point in points]).reshape(*many.shape, 4)
    return LawErrors(found[..., 0], found[..., 1], found[..., 2], sizes, found[..., 3])


def _sizes(own: dict[str, float], rows: Any, dimension: int | None) -> Any:
    if dimension is not None:
        return np.full(rows.shape, checks.size("dimension", dimension), dtype=np.int64)
    if own["generator_ratio"] == 0:
        raise SpecificationError("dimension", dimension, "a dimension, where generator_ratio is 0")
    return np.maximum(np.rint(own["generator_ratio"] * rows ** own["generator_rows"]), 1).astype(np.int64)


def _at(own: dict[str, float], rows: float, penalty: float, size: int, generator_rows: float) -> tuple[float, ...]:
    s, counts, target = _nodes(int(size), own["exponent"], own["source"])
    generators = own["generations_scale"] * rows ** own["generations"]
    values = rows, penalty, float(size), own["noise"], own["generator_noise"], generator_rows, generators
    *parts, kappa, certified = _compiled(s, counts, target, tuple(jnp.asarray(float(value)) for value in values))
    if not bool(certified):
        raise NotCertified(f"the effective ridge at rows = {rows}, penalty = {penalty} is not certified")
    return (*map(float, parts), float(kappa))


@lru_cache(maxsize=KEPT)
def _nodes(size: int, exponent: float, source: float) -> tuple[Any, Any, Any]:
    """The compressed spectrum, its last node split into so many equal ones that the number of nodes is round."""
    nodes = grouped_spectra(Population(PowerLaw(size, exponent), SourceCondition(source)), (), FINE).nodes
    pieces = 1 + -len(nodes.s) % NODES
    s, counts, target = (np.pad(np.asarray(one), (0, pieces - 1), mode="edge") for one in nodes)
    for one in (counts, target):
        one[-pieces:] /= pieces
    return s, counts, target


@jax.jit
def _compiled(s: Any, counts: Any, target: Any, values: Any) -> tuple[Any, ...]:
    nodes, known = Nodes(s, counts, target), dict(zip(_SYMBOLS, values, strict=True))
    root = effective_ridge(s, counts, known[x.rows], known[x.penalty])
    known = run(TEST_ERROR_AFTER_GENERATORS.definitions, {**known, x.kappa: root.value}, nodes)
    bias, variance, direct, spread = (evaluate(PARTS[name], known, nodes) for name in (BIAS, VARIANCE, DIRECT, SPREAD))
    return bias, variance, direct + spread, root.value, root.certified


_SYMBOLS = x.rows, x.penalty, x.rank, x.noise, GENERATOR_NOISE, GENERATOR_ROWS, GENERATORS
