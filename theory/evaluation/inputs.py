"""A chain as arrays: what the compiled recursion reads."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from ..chains.products import products_of
from ..chains.reading import RULES, WITH_ROOT, Step
from ..problem import checks
from ..problem.chain import Chain
from ..problem.labels import Shifted
from ..problem.population import Population
from ..problem.target import UniformTarget
from .compression import compress
from .lowering import Nodes

COMPRESS_ABOVE = 1024
LONG = 2**20  # directions above which levels are not written out
KEPT_SPECTRA = 16  # compressions of one spectrum take a second each, and a grid has few of them


class Float32Warning(UserWarning):
    """A float32 tracer has reached the package: results and gradients carry its precision."""


COARSE, FINE = 16, 20


class Spectra(NamedTuple):
    """The spectrum, and what the truth and the offsets from it have in every direction.

    Attributes:
        nodes: eigenvalues, counts and the truth's share of the error.
        products: (1 + O, 1 + O, nodes) totals over a node of s E v_i v_j, of the truth and the O offsets.
    """

    nodes: Nodes
    products: Any


class Generations(NamedTuple):
    """Arrays over generations, shape (N,) where nothing else is said.

    Attributes:
        rule: index into `RULES`, int32.
        rows, width, penalty, noise_squared: of each generation.
        share: what the model before has in the labels, the truth having the rest.
        shifts: (N, O), what the offsets have in the labels.
        disagreement: (N, 1 + O, 1 + O), how those shares vary over the rows.
        new_rows, copies, disturbance: see `Step`.
        infinite_noise, infinite: whether its label noise, or the fit as such, has an infinite effect.
        injection: (N, K), which of the K tracked sources of variance the noise of a generation feeds.
    """

    rule: Any
    rows: Any
    width: Any
    penalty: Any
    noise_squared: Any
    share: Any
    shifts: Any
    disagreement: Any
    new_rows: Any
    copies: Any
    disturbance: Any
    infinite_noise: Any
    infinite: Any
    injection: Any


class Inputs(NamedTuple):
    """A chain as arrays.

    Attributes:
        spectra: the positive part of the spectrum, with truth and offsets.
        rank: number of positive eigenvalues, 0-dimensional.
        generations: what each of them is.
        start_kept: what model 0 holds of the truth, everything unless something else than w_0 is tracked.
    """

    spectra: Spectra
    rank: Any
    generations: Generations
    start_kept: Any = 1.0


def inputs(chain: Chain, steps: tuple[Step, ...], spectra: Spectra, injection: Any) -> Inputs:
    """Assemble the arrays of a chain (inside `jax.enable_x64(True)`)."""
    return step_inputs(steps, spectra, chain.population.spectrum.rank(), injection)


def step_inputs(steps: tuple[Step, ...], spectra: Spectra, rank: Any, injection: Any) -> Inputs:
    """Assemble the arrays of steps on any spectrum (inside `jax.enable_x64(True)`)."""
    generations = generation_inputs(steps, as_array(injection))
    products = as_array(spectra.products)
    return Inputs(Spectra(Nodes(*(as_array(part) for part in spectra.nodes)), products), as_array(rank), generations)


def generation_inputs(steps: tuple[Step, ...], injection: Any) -> Generations:
    """Assemble the arrays over the generations of some steps."""
    offsets = len(steps[0].labelling.offsets)
    return Generations(
        rule=np.array([RULES.index(step.rule) for step in steps], dtype=np.int32),
        rows=np.array([_apart(step.rows, step.infinite and step.rows > step.width) for step in steps]),
        width=np.array([_apart(step.width, step.infinite and step.width >= step.rows) for step in steps]),
        # Exact rules have no effective ridge; any harmless penalty keeps the shared solver call finite.
        penalty=stack([step.penalty if step.rule in WITH_ROOT else 1.0 for step in steps]),
        noise_squared=stack([step.noise_squared for step in steps]),
        share=stack([step.share for step in steps]),
        shifts=matrix([step.labelling.mean[1:] for step in steps], (len(steps), offsets)),
        disagreement=matrix(
            [np.zeros((1 + offsets,) * 2) if (c := step.labelling.covariance) is None else c for step in steps],
            (len(steps), 1 + offsets, 1 + offsets),
        ),
        new_rows=np.array([float(step.new_rows) for step in steps]),
        copies=np.array([float(step.copies) for step in steps]),
        disturbance=stack([step.disturbance for step in steps]),
        infinite_noise=np.array([step.infinite_noise for step in steps]),
        infinite=np.array([step.infinite for step in steps]),
        injection=injection,
    )


def _apart(size: Any, enlarged: bool) -> float:
    """A size; where everything is infinite the larger of two is enlarged, which keeps all other numbers finite."""
    return float(size) * (3.0 if enlarged else 1.0)


def rules_used(problem: Inputs) -> tuple[int, ...]:
    """Which of `RULES` occur in a chain, or in any of a batch."""
    return tuple(np.unique(problem.generations.rule).tolist())


def full_nodes(population: Population) -> Nodes:
    """Every positive eigenvalue as a node of its own."""
    return full_spectra(population).nodes


def grouped_nodes(population: Population, nodes_per_bin: int = COARSE) -> Nodes:
    """The fewest nodes with the same spectral sums: levels exactly, long concrete spectra compressed."""
    return grouped_spectra(population, (), nodes_per_bin).nodes


def full_spectra(population: Population, offsets: Sequence[Shifted] = ()) -> Spectra:
    """Every positive eigenvalue as a node of its own, with the products of the truth and the offsets."""
    s, products = population.spectrum.eigenvalues(), _products(population, offsets)
    if checks.is_concrete(s):
        positive = s > 0
        s, products = s[positive], products[..., positive]
    return Spectra(Nodes(s, np.ones(s.shape[0]), products[0, 0]), products)


def grouped_spectra(population: Population, offsets: Sequence[Shifted], nodes_per_bin: int = COARSE) -> Spectra:
    """The same on the fewest nodes."""
    blocks = population.spectrum.checked_levels()
    if blocks is not None and sum(blocks[1]) > LONG and _is_flat(population, offsets):
        return _flat_spectra(population, offsets, *blocks)
    products = _products(population, offsets)
    if not checks.is_concrete(products) or not checks.is_concrete(population.spectrum.eigenvalue(1)):
        return full_spectra(population, offsets)
    if blocks is not None:
        values, multiplicities = np.asarray(blocks[0], dtype=float), np.asarray(blocks[1])
        starts = np.concatenate([[0], np.cumsum(multiplicities)[:-1]])
        positive = values > 0
        products = np.add.reduceat(products, starts, axis=-1)[..., positive]
        return Spectra(Nodes(values[positive], multiplicities[positive].astype(float), products[0, 0]), products)
    full = full_spectra(population, offsets)
    if len(full.nodes.s) <= COMPRESS_ABOVE:
        return full
    count = 1 + len(offsets)
    s, counts, flat = compress(full.nodes.s, full.products.reshape(count * count, -1), nodes_per_bin)
    products = flat.reshape(count, count, -1)
    return Spectra(Nodes(s, counts, products[0, 0]), products)


@lru_cache(maxsize=KEPT_SPECTRA)
def kept_spectra(population: Population, offsets: tuple[Shifted, ...], nodes_per_bin: int) -> Spectra:
    """`grouped_spectra` as NumPy arrays, which stay the same for many chains."""
    nodes, products = grouped_spectra(population, offsets, nodes_per_bin)
    s, counts, tau = (np.asarray(part, dtype=np.float64) for part in nodes)
    return Spectra(Nodes(s, counts, tau), np.asarray(products, dtype=np.float64))


def _is_flat(population: Population, offsets: Sequence[Shifted]) -> bool:
    """Whether truth and offsets have one concrete coordinate in all directions."""
    targets = [population.target, *(shift.offset for shift in offsets)]
    return all(isinstance(one, UniformTarget) and checks.is_concrete(one.norm_squared) for one in targets)


def _flat_spectra(
    population: Population, offsets: Sequence[Shifted], values: Any, multiplicities: tuple[int, ...]
) -> Spectra:
    """Levels whose products are those of one coordinate times the multiplicity: no array is as long as the spectrum."""
    if not all(checks.is_concrete(value) for value in values):
        return full_spectra(population, offsets)
    s, counts = np.asarray(values, dtype=float), np.asarray(multiplicities, dtype=float)
    s, counts = s[s > 0], counts[s > 0]
    targets = [population.target, *(shift.offset for shift in offsets)]
    coordinates = np.array([target.mean(1, population.spectrum) for target in targets])
    products = (coordinates[:, None] * coordinates[None, :])[:, :, None] * (s * counts)
    return Spectra(Nodes(s, counts, products[0, 0]), products)


def is_compressed(population: Population) -> bool:
    """Whether `grouped_nodes` approximates this spectrum."""
    if population.spectrum.levels() is not None or not checks.is_concrete(population.spectrum.eigenvalue(1)):
        return False
    return bool(population.spectrum.rank() > COMPRESS_ABOVE)


def as_array(value: Any) -> Any:
    """A float64 JAX array (inside `jax.enable_x64(True)`)."""
    if checks.is_tracer(value) and value.dtype == jnp.float32:
        message = "a float32 tracer reached modelcollapse; use mc.gradient, or trace inside `with mc.precise():`"
        warnings.warn(message, Float32Warning, stacklevel=2)
    return jnp.asarray(value, dtype=jnp.float64)


def stack(values: list[Any]) -> Any:
    """Numbers, or numbers and tracers, as one array."""
    if all(checks.is_concrete(value) for value in values):
        return np.array([float(value) for value in values])
    if all(value is values[0] for value in values):
        return jnp.broadcast_to(as_array(values[0]), len(values))
    return jnp.stack([as_array(value) for value in values])


def matrix(values: Any, shape: tuple[int, ...]) -> Any:
    """Numbers, or numbers and tracers in arrays of objects, as one array of a shape."""
    flat = [value for row in values for value in (row.ravel() if isinstance(row, np.ndarray) else row)]
    return stack(flat).reshape(shape) if flat else np.zeros(shape)


def _products(population: Population, offsets: Sequence[Shifted]) -> Any:
    """s E v_i v_j of truth and offsets in every direction, shape (1 + O, 1 + O, d); different ones are independent."""
    s, targets = population.spectrum.eigenvalues(), [population.target, *(shift.offset for shift in offsets)]
    rows = [[s * product for product in row] for row in products_of(targets, population.spectrum)]
    if len(rows) == 1:
        return rows[0][0][None, None, :]
    if all(checks.is_concrete(value) for row in rows for value in row):
        return np.array(rows)
    return jnp.stack([jnp.stack([as_array(value) for value in row]) for row in rows])
