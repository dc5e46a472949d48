"""Chains beyond one labeller and fresh rows, one for each statement that covers them, as functions of one noise."""

from collections.abc import Callable
from typing import Any

from modelcollapse.theory.problem import (
    ACCUMULATE,
    PREVIOUS,
    TRUTH,
    Blend,
    Chain,
    Coefficients,
    Generation,
    LabelledBy,
    Levels,
    Lottery,
    MinimumNorm,
    Population,
    Ridge,
    Shifted,
    Source,
    accumulate,
    accumulate_subsample,
    blend_labels,
    regenerate_covariates,
    rephrase,
    retain_real,
)

RANK = 5
# One direction without variance: the rank counts, not the dimension.
POPULATION = Population(Levels([0.45, 2.2, 0.0], [2, 3, 1]), Coefficients([0.9, -0.3, 0.5, 1.1, -0.7, 0.2]))
OFFSET = Coefficients([0.4, 0.1, -0.6, 0.35, 0.8, 3.0])
LEAST_SQUARES = MinimumNorm()


def growing_store(noise: Any) -> Chain:
    """Accumulation with other rows and noise in every generation."""
    sizes = ((17, noise), (9, 0.35), (23, 2 * noise))
    steps = [Generation((Source(n, s, PREVIOUS),), LEAST_SQUARES, memory=ACCUMULATE) for n, s in sizes]
    return Chain(POPULATION, steps)


def several_labellers(noise: Any) -> Chain:
    """Real rows, rows of any earlier model, blends, a lottery and a shifted truth."""
    shifted = Shifted(OFFSET)
    steps = (
        Generation((Source(8, noise, TRUTH), Source(5, 0.35, shifted)), LEAST_SQUARES),
        Generation((Source(7, 0.4, TRUTH), Source(9, noise, PREVIOUS)), LEAST_SQUARES),
        Generation(
            (
                Source(6, noise, LabelledBy(1)),
                Source(8, 0.25, Lottery(((PREVIOUS, 0.3), (TRUTH, 0.5), (shifted, 0.2)))),
                Source(4, 0.6, Blend(((PREVIOUS, 0.7), (LabelledBy(1), 0.3)))),
            ),
            LEAST_SQUARES,
        ),
    )
    return Chain(POPULATION, steps)


def of(policy: Callable[..., Chain], **given: Any) -> Callable[[Any], Chain]:
    """A policy as a function of its noise."""

    def build(noise: Any) -> Chain:
        return policy(POPULATION, 3, noise=noise, **given)

    return build


FAMILIES: dict[str, Callable[[Any], Chain]] = {
    "accumulation": of(accumulate, rows=17, estimator=LEAST_SQUARES),
    "growing store": growing_store,
    "repeated rows": of(accumulate, rows=17, estimator=LEAST_SQUARES, same_rows=True),
    "blend, least squares": of(blend_labels, rows=17, estimator=LEAST_SQUARES, real_share=0.3),
    "blend, ridge": of(blend_labels, rows=17, estimator=Ridge(0.2), real_share=0.3, real_noise=0.45),
    "rephrased, below the rank": of(rephrase, rows=3, estimator=LEAST_SQUARES, synthetic_share=0.6),
    "fresh real rows": of(retain_real, rows=17, estimator=LEAST_SQUARES, share=0.3),
    "several labellers": several_labellers,
    "kept rows": of(retain_real, rows=60, estimator=LEAST_SQUARES, share=0.4, same_rows=True, real_noise=0.45),
    "kept rows, full start": of(
        retain_real, rows=60, estimator=LEAST_SQUARES, share=0.4, same_rows=True, start_full=True
    ),
    "refitted covariates": of(regenerate_covariates, rows=17, estimator=LEAST_SQUARES),
    "samples": of(accumulate_subsample, rows=300, estimator=LEAST_SQUARES),
}
