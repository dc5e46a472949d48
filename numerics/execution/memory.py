"""How many replicates run at once: by the sizes and the kind of device alone, never by what a machine has free."""

from __future__ import annotations

import jax

from ...theory.problem import checks
from ..structure import Structure

LARGEST_BATCH = 32
SMALLEST_BATCH = 2  # a batch of one takes other kernels, with other last digits
BUDGET = 2**30  # bytes that a batch should not exceed
# Accelerators are idle in small batches, and have memory of their own.
LARGEST_BATCH_OF_ACCELERATORS, BUDGET_OF_ACCELERATORS = 4096, 2**33


def bytes_per_replicate(structure: Structure) -> int:
    """Arrays alive at once in a generation: copies of the rows, of the smoother, square matrices, labels in columns."""
    rows, size = max(structure.rows, structure.fitted), max(structure.directions, structure.features)
    labels = 3 * (rows + structure.shelf) + (4 + 2 * structure.slots) * structure.directions
    return 8 * (6 * rows * size + 2 * structure.shelf * size + 12 * size**2 + structure.columns * labels)


def batch_size(structure: Structure) -> int:
    """Replicates per batch: a power of two between 2 and 32, or 4096 on accelerators.

    Raises:
        TooLarge: when not even the smallest batch fits into memory.
    """
    return fitting_batch(bytes_per_replicate(structure), structure.rows)


def fitting_batch(each: int, rows: int) -> int:
    """The same for replicates of `rows` rows that take so many bytes each."""
    checks.require_memory("rows", rows, SMALLEST_BATCH * each / rows)
    on_cpu = jax.default_backend() == "cpu"
    batch, budget = (LARGEST_BATCH, BUDGET) if on_cpu else (LARGEST_BATCH_OF_ACCELERATORS, BUDGET_OF_ACCELERATORS)
    while batch > SMALLEST_BATCH and batch * each > budget:
        batch //= 2
    return batch
