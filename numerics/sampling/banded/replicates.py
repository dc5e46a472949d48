"""Generations on banded rows: of a model nothing is known but its coordinates in a frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from ...reading.fresh_rows import FreshRows
from ..backends import Backend, Draws, Numbers
from ..frame import Frame, Vectors, remembered
from .fit import Fitted, Size, dual, primal
from .orthogonal import orthogonal
from .rows import draw_band, freedom_of_band, numbers_of_band


class Parts(NamedTuple):
    """A chain as arrays."""

    vectors: Vectors  # the truth, offsets, and model 0
    fits: FreshRows


@dataclass(frozen=True)
class Replicates:
    """What is compiled for.

    Attributes:
        frame: of the vectors.
        labellers: how many directions of the bulk labels depend on.
        unknowns: the first of them, that a fit is cut to.
        accurate: one replicate on the host, by orthogonal triangularisation.
    """

    frame: Frame
    labellers: int
    unknowns: int
    accurate: bool = False

    def __call__(self, backend: Backend, parts: Parts, draws: Callable[[Any], Draws]) -> tuple[Numbers, ...]:
        """Errors, what separates both ends at most, and condition numbers, shape (generations, replicates)."""
        xp, frame = backend.numbers, self.frame
        fixed = frame.draw(xp, parts.vectors, draws(0))
        truth, offsets, initial = fixed[0], fixed[1:-1], fixed[-1]
        slots = xp.concatenate([initial[None], *[0 * initial[None]] * (frame.slots - 1)])

        def generation(slots: Numbers, numbered: tuple[Any, FreshRows]) -> tuple[Numbers, tuple[Numbers, ...]]:
            number, step = numbered
            basis = xp.concatenate([slots, offsets])
            labels = xp.sum(step.share[:, :, None, None] * basis[None], axis=1)  # (sources, axes, replicates)
            model, outside, fitted = self._fit(backend, parts.vectors, step, truth, labels, draws(number))
            error = xp.sum(model[:, 0] ** 2, axis=0) + outside[0] ** 2
            # Of the models, as errors may agree by accident; |e + f|^2 - |e|^2 is at most 2 |e| |f| + |f|^2.
            apart = xp.sqrt(xp.sum((model[:, 1] - model[:, 0]) ** 2, axis=0) + (outside[1] - outside[0]) ** 2)
            gap = (2 * xp.sqrt(error) + apart) * apart
            slots = remembered(xp, slots, step.write, model[:, 0], outside[0], frame.fixed)
            return slots, (error, gap, xp.max(fitted.condition, axis=0))

        numbers = xp.arange(1, parts.fits.write.shape[0] + 1)
        found: tuple[Numbers, ...] = backend.scan(generation, slots, (numbers, parts.fits))[1]
        return found

    def _fit(
        self, backend: Backend, vectors: Vectors, step: FreshRows, truth: Numbers, labels: Numbers, draws: Draws
    ) -> tuple[Numbers, Numbers, Fitted]:
        """The new model minus the truth, in the frame and outside of it, for both ends of the band."""
        xp, explicit = backend.numbers, self.frame.explicit
        q = self._directions(xp, truth[None, explicit:] + labels[:, explicit:])
        c, rows = explicit + self.labellers, xp.sum(step.rows)
        dimension = vectors.multiplicity + explicit
        turned = self.frame.bulk - self.labellers  # axes of the frame that labels know nothing of
        sources = step.rows.shape[0]
        normal = draws.normal(self.frame.bulk + numbers_of_band(sources, c, self.unknowns + 1))
        freedom = freedom_of_band(xp, step.rows, c, dimension, self.unknowns + 1)
        beyond = (vectors.multiplicity - self.frame.bulk)[None]
        chi = draws.chi(xp.concatenate([beyond, freedom]))
        reference = _along(xp, q, explicit, truth + labels[0])
        distances = labels - labels[:1]
        along = xp.stack([_along(xp, q, explicit, distances[s]) for s in range(sources)])
        band = draw_band(xp, chi[1:], normal[self.frame.bulk :], step.rows, step.noise, along, dimension)
        scale = xp.concatenate([vectors.explicit, xp.broadcast_to(vectors.value[None], (self.labellers + 1,))])
        given = backend, band, reference, step.ridge, scale, Size(rows, dimension)
        if self.accurate:
            fitted = orthogonal(band, reference, float(step.ridge), scale, given[-1])
        else:
            fitted = Fitted(*backend.either(rows < dimension, lambda: dual(*given), lambda: primal(*given)))
        aside = _aside(xp, q, normal[: self.frame.bulk])
        length = xp.sqrt(xp.sum(aside**2, axis=0) + chi[0] ** 2) if turned else chi[0]
        size = xp.sqrt(fitted.beyond) / length[None]
        inside = xp.sum(q[:, :, None] * fitted.along[explicit:, None], axis=0) + size[None] * aside[:, None]
        model = labels[0][:, None] + xp.concatenate([fitted.along[:explicit], inside])
        return model, size * chi[0][None], fitted

    def _directions(self, xp: Any, labels: Numbers) -> Numbers:
        """Orthonormal directions of the bulk that span its labels, shape (labellers, bulk axes, replicates)."""
        first = xp.where(xp.arange(self.frame.bulk)[:, None] == 0, 1 + 0 * labels[0], 0 * labels[0])
        if self.labellers == 1:
            length = xp.sqrt(xp.sum(labels[0] ** 2, axis=0))[None]
            return xp.where(length > 0, labels[0] / xp.where(length > 0, length, 1 + 0 * length), first)[None]
        columns = xp.moveaxis(labels[: self.labellers], (0, 1, 2), (2, 1, 0))
        if self.labellers == self.frame.bulk:  # all of them
            columns = xp.broadcast_to(xp.eye(self.frame.bulk)[None], (labels.shape[-1], *[self.frame.bulk] * 2))
            return xp.moveaxis(columns, (0, 1, 2), (2, 1, 0))
        return xp.moveaxis(xp.linalg.qr(columns)[0], (0, 1, 2), (2, 1, 0))


def _along(xp: Any, q: Numbers, explicit: int, vector: Numbers) -> Numbers:
    """Coordinates of a vector along the explicit axes and the directions q."""
    return xp.concatenate([vector[:explicit], xp.sum(q * vector[None, explicit:], axis=1)])


def _aside(xp: Any, q: Numbers, vector: Numbers) -> Numbers:
    """What the directions q leave of a vector of the bulk's frame."""
    return vector - xp.sum(q * xp.sum(q * vector[None], axis=1)[:, None], axis=0)
