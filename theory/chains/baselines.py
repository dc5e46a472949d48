"""The two clean baselines of a chain: the same rows with real labels, and its real rows alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..problem.chain import Chain
from ..problem.covariates import Fresh
from ..problem.errors import NoTheorem
from ..problem.generation import Generation
from ..problem.labels import TRUTH, LabelledBy, Recorded, Shifted, Truth, labellers
from ..problem.source import Kept, Source
from ..problem.target import Coefficients
from .hypotheses import SIMULATE, weighed
from .products import is_centred


def with_real_labels(chain: Chain) -> Chain:
    """*Replace*: the same rows, noises, weights and fits, every label by the truth.

    >>> from modelcollapse.theory.problem import *
    >>> population = Population(Isotropic(5), UniformTarget())
    >>> loop = mix(population, 2, real_rows=10, synthetic_rows=20)
    >>> [source.labels for source in with_real_labels(loop).generations[1].generated]
    [Truth(), Truth()]
    """
    return Chain(chain.population, tuple(_relabelled(step) for step in chain.generations))


def of_real_rows(chain: Chain) -> Chain:
    """*Augment*: only the sources that the truth labels, at the same penalties.

    Raises:
        NoTheorem: where a generation has none, or uses earlier rows again.

    >>> from modelcollapse.theory.problem import *
    >>> population = Population(Isotropic(5), UniformTarget())
    >>> of_real_rows(mix(population, 2, real_rows=10, synthetic_rows=20)).rows
    (10, 10)
    """
    steps = []
    for number, step in enumerate(chain.generations, start=1):
        fresh = len(step.generated) == len(step.sources) and all(
            isinstance(s.covariates, Fresh) for s in step.generated
        )
        real = tuple(source for source in weighed(step) if isinstance(source.labels, Truth))
        if not fresh or not real:
            raise NoTheorem(f"fresh rows, some of them labelled by the truth (generation {number})", SIMULATE)
        steps.append(replace(step, sources=real))
    return Chain(chain.population, tuple(steps))


def without_truth(chain: Chain) -> Chain | None:
    """One generation in which only independent offsets are learnt: its error is the collapse term, not a difference.

    None where there is more than one generation, or where the truth and an offset have a product.
    """
    if len(chain) > 1 or chain.initial is not None:
        return None
    spectrum = chain.population.spectrum
    labels = [one for source in chain.generations[0].generated for one in labellers(source.labels)]
    if not any(isinstance(one, Shifted) for one in labels) or any(isinstance(one, LabelledBy) for one in labels):
        return None
    targets = [chain.population.target, *(one.offset for one in labels if isinstance(one, Shifted))]
    if sum(not is_centred(target, spectrum) for target in targets) > 1:
        return None
    quiet = replace(
        chain.generations[0],
        sources=tuple(replace(s, noise=0.0) if isinstance(s, Source) else s for s in chain.generations[0].sources),
    )
    nothing = replace(chain.population, target=Coefficients(np.zeros(spectrum.dimension)))
    return Chain(nothing, (quiet,))


def _relabelled(step: Generation) -> Generation:
    """Recorded labels stay: the rows that they are recorded from have real ones now."""

    def real(one: Source | Kept) -> Source | Kept:
        return replace(one, labels=TRUTH) if isinstance(one, Source) and not isinstance(one.labels, Recorded) else one

    return replace(step, sources=tuple(real(one) for one in step.sources))
