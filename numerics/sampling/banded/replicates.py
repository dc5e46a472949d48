"""Generations on banded rows: of a model nothing is known but its coordinates in a frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from ...reading.fresh_rows import FreshRows
from ...selections.judging import Judging
from ..backends import Backend, Draws, Numbers
from ..frame import Frame, Vectors, remembered
from .fit import Fitted, Size, dual, primal
from .judged import Judged, freedom_of_judged, judge, judged_triangle, numbers_of_judged
from .orthogonal import orthogonal
from .rows import Band, draw_band, draw_triangle, freedom_of_ends, freedom_of_triangles, numbers_of_triangles


class Parts(NamedTuple):
    """A chain as arrays."""

    vectors: Vectors  # the truth, offsets, verifiers' offsets, and model 0
    fits: FreshRows
    judging: Judging | None  # how rows are judged


class Head(NamedTuple):
    """How the triangle of a fit is drawn."""

    rows: Numbers  # of all sources, shape (replicates or 1,)
    share: Numbers  # of the rows that are kept, of one row at least, the same shape
    freedom: Numbers  # of its chi variables, shape (count, replicates or 1)
    normals: int
    triangle: Callable[[Numbers, Numbers], list[list[Numbers]]]  # of the chi variables and the normals


@dataclass(frozen=True)
class Replicates:
    """What is compiled for.

    Attributes:
        frame: of the vectors.
        labellers: how many directions of the bulk labels depend on, those of verifiers included.
        unknowns: the first of them, that a fit is cut to.
        judged: what verifiers ask for; None where there are none.
        accurate: one replicate on the host, by orthogonal triangularisation.
    """

    frame: Frame
    labellers: int
    unknowns: int
    judged: Judged | None = None
    accurate: bool = False

    def __call__(self, backend: Backend, parts: Parts, draws: Callable[[Any], Draws]) -> tuple[Numbers, ...]:
        """Errors, what separates both ends at most, condition numbers, and numbers of rows, shape (generations,
        replicates).
        """
        xp, frame = backend.numbers, self.frame
        fixed = frame.draw(xp, parts.vectors, draws(0))
        truth, offsets, initial = fixed[0], fixed[1:-1], fixed[-1]
        slots = xp.concatenate([initial[None], *[0 * initial[None]] * (frame.slots - 1)])

        def generation(slots: Numbers, numbered: tuple[Any, FreshRows, Any]) -> tuple[Numbers, tuple[Numbers, ...]]:
            number, step, rule = numbered
            basis = xp.concatenate([slots, offsets])
            labels = xp.sum(step.share[:, :, None, None] * basis[None], axis=1)  # (sources, axes, replicates)
            if rule is not None:
                verifier = xp.sum(rule.verifier[:, None, None] * offsets[-rule.verifier.shape[0] :], axis=0)
                labels = xp.concatenate([verifier[None], labels])
            fit = self._fit(backend, parts.vectors, step, rule, truth, labels, draws(number))
            model, outside, fitted, rows = fit
            error = xp.sum(model[:, 0] ** 2, axis=0) + outside[0] ** 2
            # Of the models, as errors may agree by accident; |e + f|^2 - |e|^2 is at most 2 |e| |f| + |f|^2.
            apart = xp.sqrt(xp.sum((model[:, 1] - model[:, 0]) ** 2, axis=0) + (outside[1] - outside[0]) ** 2)
            gap = (2 * xp.sqrt(error) + apart) * apart
            slots = remembered(xp, slots, step.write, model[:, 0], outside[0], frame.fixed)
            return slots, (error, gap, xp.max(fitted.condition, axis=0), rows + 0 * error)

        numbers = xp.arange(1, parts.fits.write.shape[0] + 1)
        found: tuple[Numbers, ...] = backend.scan(generation, slots, (numbers, parts.fits, parts.judging))[1]
        return found

    def _fit(
        self,
        backend: Backend,
        vectors: Vectors,
        step: FreshRows,
        rule: Any,
        truth: Numbers,
        labels: Numbers,
        draws: Draws,
    ) -> tuple[Numbers, Numbers, Fitted, Numbers]:
        """The new model minus the truth, in the frame and outside of it, for both ends of the band; and its rows.

        The labels of a verifier, where there is one, stand before those of the sources.
        """
        xp, explicit = backend.numbers, self.frame.explicit
        q = self._directions(xp, truth[None, explicit:] + labels[:, explicit:])
        c, length = explicit + self.labellers, self.unknowns + 1
        dimension = vectors.multiplicity + explicit
        turned = self.frame.bulk - self.labellers  # axes of the frame that labels know nothing of
        distances = labels - labels[:1]
        along = xp.stack([_along(xp, q, explicit, distances[s]) for s in range(labels.shape[0])])
        head = self._head(backend, step, rule, along, draws)
        normal = draws.normal(self.frame.bulk + head.normals + length * c)
        beyond = xp.broadcast_to(vectors.multiplicity - self.frame.bulk, (1, head.rows.shape[0]))
        ends = freedom_of_ends(xp, head.rows, c, dimension, length)
        freedom = xp.concatenate([beyond, head.freedom, ends])
        chi = draws.chi(freedom[:, 0]) if self.judged is None else draws.own_chi(freedom)
        aside, normal = _aside(xp, q, normal[: self.frame.bulk]), normal[self.frame.bulk :]
        triangle = head.triangle(chi[1 : 1 + head.freedom.shape[0]], normal[: head.normals])
        chi, band_chi = chi[0], chi[1 + head.freedom.shape[0] :]
        band = draw_band(xp, triangle, band_chi, normal[head.normals :], head.rows, dimension)
        reference = _along(xp, q, explicit, truth + labels[0])
        scale = xp.concatenate([vectors.explicit, xp.broadcast_to(vectors.value[None], (self.labellers + 1,))])
        ridge = step.ridge * head.share
        fitted = self._fitted(backend, band, reference, ridge, scale, Size(head.rows, dimension))
        length = xp.sqrt(xp.sum(aside**2, axis=0) + chi**2) if turned else chi
        size = xp.sqrt(fitted.beyond) / length[None]
        inside = xp.sum(q[:, :, None] * fitted.along[explicit:, None], axis=0) + size[None] * aside[:, None]
        model = labels[0][:, None] + xp.concatenate([fitted.along[:explicit], inside])
        return model, size * chi[None], fitted, head.rows

    def _head(self, backend: Backend, step: FreshRows, rule: Any, along: Numbers, draws: Draws) -> Head:
        """How the triangle is drawn, from the labels along the directions q, measured from the first of them."""
        xp, sources, c = backend.numbers, step.rows.shape[0], along.shape[1]
        if self.judged is None:
            freedom = freedom_of_triangles(xp, step.rows, c)[:, None]
            draw = partial(draw_triangle, xp, rows=step.rows, noise=step.noise, along=along)
            total = xp.sum(step.rows)[None]
            return Head(total, 0 * total + 1, freedom, numbers_of_triangles(sources, c), draw)
        length = xp.sqrt(xp.sum(along[1:] ** 2, axis=1))
        kept = judge(backend, self.judged, step, rule, length, draws.each)
        rows = xp.where(rule.judged[:, None], kept.rows, step.rows[:, None])
        freedom = freedom_of_judged(xp, step.rows, rows, c)
        draw = partial(judged_triangle, xp, kept=kept, judged=rule.judged, step=step, toward=along[1:])
        total = xp.sum(rows, axis=0)
        share = xp.maximum(total, 1 + 0 * total) / xp.sum(step.rows)  # without any rows every penalty gives zero
        return Head(total, share, freedom, numbers_of_judged(sources, c), draw)

    def _fitted(
        self, backend: Backend, band: Band, reference: Numbers, ridge: Numbers, scale: Numbers, size: Size
    ) -> Fitted:
        """The fit by the smaller of the two normal equations, or by triangularisation."""
        given = backend, band, reference, ridge, scale, size
        if self.accurate:
            return orthogonal(band, reference, ridge.item(), scale, Size(size.rows.item(), size.directions))
        xp, below = backend.numbers, size.rows < size.directions
        if self.judged is None:
            return Fitted(*backend.either(below[0], lambda: dual(*given), lambda: primal(*given)))

        nothing = Fitted(*(0 * xp.stack([one, one], axis=-2) for one in (reference, reference[0], reference[0])))
        under: Any = backend.either(xp.any(below), lambda: dual(*given), lambda: nothing)
        over: Any = backend.either(xp.all(below), lambda: nothing, lambda: primal(*given))
        pairs = zip(under, over, strict=True)
        return Fitted(*(xp.where(below.reshape(*[1] * (one.ndim - 1), -1), one, other) for one, other in pairs))

    def _directions(self, xp: Any, labels: Numbers) -> Numbers:
        """Orthonormal directions of the bulk that span its labels, shape (labellers, bulk axes, replicates)."""
        first = xp.where(xp.arange(self.frame.bulk)[:, None] == 0, 1 + 0 * labels[0], 0 * labels[0])
        if self.labellers == 1:
            length = xp.sqrt(xp.sum(labels[0] ** 2, axis=0))[None]
            return xp.where(length > 0, labels[0] / xp.where(length > 0, length, 1 + 0 * length), first)[None]
        columns = xp.moveaxis(labels[: self.labellers], (0, 1, 2), (2, 1, 0))
        if self.labellers == self.frame.bulk:  # all of them
            columns = xp.broadcast_to(
                xp.eye(self.frame.bulk, dtype=labels.dtype), (labels.shape[-1], *[self.frame.bulk] * 2)
            )
            return xp.moveaxis(columns, (0, 1, 2), (2, 1, 0))
        return xp.moveaxis(xp.linalg.qr(columns)[0], (0, 1, 2), (2, 1, 0))


def _along(xp: Any, q: Numbers, explicit: int, vector: Numbers) -> Numbers:
    """Coordinates of a vector along the explicit axes and the directions q."""
    return xp.concatenate([vector[:explicit], xp.sum(q * vector[None, explicit:], axis=1)])


def _aside(xp: Any, q: Numbers, vector: Numbers) -> Numbers:
    """What the directions q leave of a vector of the bulk's frame."""
    return vector - xp.sum(q * xp.sum(q * vector[None], axis=1)[:, None], axis=0)
