"""One replicate of a chain."""

from __future__ import annotations

import numpy as np

from ....theory.problem.errors import NotCertified
from .equations import Block
from .fit import deviation_of_fit
from .ground import drawn
from .matrix import LazyMatrix
from .plan import Made, Name, Plan, Step
from .rows import Vector, plus
from .space import Grown, Space

# Purposes of random numbers: each has streams of its own, so that what is drawn for one changes nothing for another.
VECTORS, ROWS, NOISE, FEATURES = range(4)


class Replicate:
    """The state of one replicate: the models that label, and the matrices that are looked at again."""

    def __init__(self, plan: Plan, seed: int, number: int, tolerance: float) -> None:
        """
        Args:
            plan: of the chain.
            seed: root of all random numbers.
            number: of the replicate.
            tolerance: relative, of the root of the excess error.
        """
        self._plan, self._seed, self._number, self._tolerance = plan, seed, number, tolerance
        self._space: Space = plan.ground.space()
        vectors = [drawn(law, self._space, self._generator(VECTORS, i)) for i, law in enumerate(plan.ground.laws)]
        self._truth, initial, *self._offsets = vectors
        self._models = [initial] + [np.zeros(0)] * (plan.slots - 1)
        self._matrices: dict[Name, LazyMatrix] = {}
        self._labels: dict[Name, Vector] = {}
        self._features: LazyMatrix | None = None

    def errors(self) -> Vector:
        """The excess error after every generation, shape (generations,).

        Raises:
            NotCertified: naming the replicate and the generation, when a fit is not known to the tolerance.
        """
        found = np.empty(len(self._plan.steps))
        for g, step in enumerate(self._plan.steps):
            try:
                with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is refused by name
                    deviation = self._generation(g + 1, step)
                    seen = self._space.each(np.sqrt(self._plan.ground.counted))[: deviation.size] * deviation
                    found[g] = seen @ seen
            except NotCertified as why:
                raise NotCertified(f"replicate {self._number}, generation {g + 1}: {why}") from None
            if not np.isfinite(found[g]):
                raise NotCertified(f"replicate {self._number}, generation {g + 1}: the error is not finite")
            self._forget(step, deviation)
        return found

    def _generator(self, *purpose: int) -> np.random.Generator:
        """Of the random numbers for a purpose."""
        return np.random.default_rng(np.random.SeedSequence(self._seed, spawn_key=(self._number, *purpose)))

    def _generation(self, g: int, step: Step) -> Vector:
        """The deviation of the model that generation g fits."""
        if step.width is not None and step.drawing == g:
            weights = Grown([step.width], [0])
            self._features = LazyMatrix(weights, self._space, self._generator(FEATURES, g))
        for made in step.made:
            self._labels[made.name] = self._labelled(made)
        blocks = {
            read.root: Block(self._matrices[read.root], float(np.sqrt(read.weight)), self._plan.spreads[read.root])
            for read in step.read
        }
        features = self._features if step.width is not None else None
        return deviation_of_fit(
            step, self._plan.ground, self._space, blocks, self._labels, features, self._truth, self._tolerance
        )

    def _labelled(self, made: Made) -> Vector:
        """Label deviations of the rows of a source."""
        if made.root not in self._matrices:
            rows = Grown([made.rows], [0])
            self._matrices[made.root] = LazyMatrix(rows, self._space, self._generator(ROWS, *made.root))
        matrix, spread = self._matrices[made.root], self._plan.spreads[made.root]
        basis, labeller = [*self._models, *self._offsets], np.zeros(0)
        for share, vector in zip(made.share, basis, strict=True):
            if share != 0.0:
                labeller = plus(labeller, share * vector)
        labels = Block(matrix, 1.0, spread).times(labeller, self._space)
        if made.recorded > 0.0:
            labels = plus(labels, made.recorded * self._labels[made.old])
        if made.noise > 0.0:
            labels = plus(labels, made.noise * matrix.left.fresh(self._generator(NOISE, *made.name)))
        return labels

    def _forget(self, step: Step, deviation: Vector) -> None:
        """Remember the model, let go of what no one looks at again, and of axes that no one is in any more."""
        if step.write < self._plan.slots:
            self._models[step.write] = deviation
        for root in step.last_of:
            del self._matrices[root]
        if not step.features_stay:
            self._features = None
        if not self._matrices:
            self._labels = {}
        if not self._matrices and self._features is None:
            vectors = [self._truth, *self._models, *self._offsets]
            self._space, vectors = self._space.shortened(vectors)
            self._truth, self._models = vectors[0], vectors[1 : 1 + self._plan.slots]
            self._offsets = vectors[1 + self._plan.slots :]
