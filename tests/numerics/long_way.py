"""A chain run the long way: a plain NumPy loop over rows in the original coordinates, from the words of the design."""

import numpy as np

from modelcollapse.theory.problem import (
    Accumulate,
    Blend,
    Fresh,
    Kept,
    LabelledBy,
    Lottery,
    MinimumNorm,
    Perturbed,
    Previous,
    RandomProjection,
    Recorded,
    Refitted,
    Ridge,
    SameRows,
    Shifted,
    Subsample,
    Truth,
)


def errors(chain, replicates, seed):
    """Excess errors of independent replicates, shape (replicates, generations)."""
    generator = np.random.default_rng(seed)
    return np.array([run(chain, generator) for _ in range(replicates)])


def vector(law, spectrum, generator):
    k = np.arange(1, spectrum.dimension + 1)
    return law.mean(k, spectrum) + np.sqrt(law.variance(k, spectrum)) * generator.standard_normal(k.size)


class World:
    """One replicate: what was drawn, generated and fitted so far."""

    def __init__(self, chain, generator):
        self.chain, self.generator = chain, generator
        self.spectrum = chain.population.spectrum
        self.s = self.spectrum.eigenvalues()
        self.truth = vector(chain.population.target, self.spectrum, generator)
        initial = 0 if chain.initial is None else vector(chain.initial, self.spectrum, generator)
        self.models = [self.truth + initial]
        self.offsets = []  # pairs (Shifted, drawn offset)
        self.clean, self.seen, self.labels = {}, {}, {}
        self.projection = None

    def offset(self, shifted):
        for known, drawn in self.offsets:
            if known == shifted:
                return drawn
        self.offsets.append((shifted, vector(shifted.offset, self.spectrum, self.generator)))
        return self.offsets[-1][1]

    def answer(self, who, rows, g):
        """Noise-free labels of `rows` in generation g."""
        match who:
            case Truth():
                return rows @ self.truth
            case Previous():
                return rows @ self.models[g - 1]
            case LabelledBy():
                return rows @ self.models[who.generation]
            case Shifted():
                return rows @ (self.truth + self.offset(who))
            case Recorded():
                return self.labels[who.generation, who.source]
            case Blend():
                return sum(share * self.answer(part, rows, g) for part, share in who.parts)
            case Lottery():
                answers = np.array([self.answer(part, rows, g) for part, _ in who.parts])
                drawn = self.generator.choice(len(answers), size=len(rows), p=[p for _, p in who.parts])
                return answers[drawn, np.arange(len(rows))]

    def rows(self, source):
        d = self.s.size
        match source.covariates:
            case Fresh() | Perturbed():
                s = self.s if source.covariance is None else source.covariance.eigenvalues()
                return np.sqrt(s) * self.generator.standard_normal((source.rows, d))
            case SameRows():
                return self.clean[source.covariates.generation, source.covariates.source]
            case Refitted() as fitted:
                old = self.clean[fitted.generation, fitted.source]
                covariance = old.T @ old / len(old)
                vectors = np.linalg.eigh(covariance)[1]
                whole = (1 - fitted.shrink) * covariance + fitted.shrink * np.trace(covariance) / d * np.eye(d)
                cut = vectors[:, d - (fitted.rank or d) :]
                whole = fitted.rescale * cut @ cut.T @ whole @ cut @ cut.T
                values, vectors = np.linalg.eigh(whole)
                roots = np.sqrt(np.where(values > 1e-12 * values[-1], values, 0.0))  # no noise where there is nothing
                return self.generator.standard_normal((source.rows, d)) * roots @ vectors.T

    def generate(self, g, position, source):
        name = g, position
        self.clean[name] = self.seen[name] = rows = self.rows(source)
        if isinstance(source.covariates, Perturbed):
            self.seen[name] = rows + source.covariates.std * self.generator.standard_normal(rows.shape)
        noise = source.noise * self.generator.standard_normal(len(rows))
        self.labels[name] = self.answer(source.labels, rows, g) + noise

    def entering(self, g, step):
        """Rows, labels and weights of the fit."""
        if isinstance(step.memory, Accumulate | Subsample):
            names = [(name, self.chain.generations[name[0] - 1].sources[name[1]].weight) for name in self.clean]
        else:
            names = [
                ((s.generation, s.source) if isinstance(s, Kept) else (g, p), s.weight)
                for p, s in enumerate(step.sources)
            ]
        rows = np.concatenate([self.seen[name] for name, _ in names])
        labels = np.concatenate([self.labels[name] for name, _ in names])
        weights = np.concatenate([np.full(len(self.labels[name]), weight) for name, weight in names])
        if isinstance(step.memory, Subsample):
            taken = self.generator.permutation(len(rows))[: step.memory.rows]
            return rows[taken], labels[taken], weights[taken]
        return rows, labels, weights

    def fit(self, estimator, rows, labels, weights):
        root = np.sqrt(weights)
        match estimator:
            case Ridge():
                return least_squares(root[:, None] * rows, root * labels, len(rows) * estimator.penalty)
            case MinimumNorm():
                return least_squares(root[:, None] * rows, root * labels, 0.0)
            case RandomProjection():
                if estimator.redraw or self.projection is None:
                    shape = estimator.width, self.s.size
                    self.projection = self.generator.standard_normal(shape) / np.sqrt(estimator.width)
                features = rows @ self.projection.T
                penalty = len(rows) * (estimator.penalty or 0.0)
                return self.projection.T @ least_squares(root[:, None] * features, root * labels, penalty)


def least_squares(rows, labels, ridge):
    """The pseudo-inverse of the rows, with sqrt(ridge) I stacked below them where there is a ridge."""
    if ridge == 0:
        return np.linalg.pinv(rows, rcond=1e-10) @ labels
    d = rows.shape[1]
    return np.linalg.lstsq(np.vstack([rows, np.sqrt(ridge) * np.eye(d)]), np.append(labels, np.zeros(d)), rcond=None)[0]


def run(chain, generator):
    world, found = World(chain, generator), []
    for g, step in enumerate(chain.generations, start=1):
        for position, source in enumerate(step.sources):
            if not isinstance(source, Kept):
                world.generate(g, position, source)
        world.models.append(world.fit(step.estimator, *world.entering(g, step)))
        found.append(np.sum(world.s * (world.models[-1] - world.truth) ** 2))
    return found
