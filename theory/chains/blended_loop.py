"""A loop of blended labels on the same rows, read as mathematics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

from ..problem import checks
from ..problem.chain import Chain
from ..problem.estimator import Estimator, MinimumNorm, Ridge
from ..problem.labels import Blend, LabelledBy, Labels, Previous, Truth
from ..problem.source import Source
from .hypotheses import SIMULATE, first_seen, require, require_common_ground, require_forgetful


@final
@dataclass(frozen=True)
class BlendedLoop:
    """Equal fits of the same rows, each on labels blended from the truth and the model before.

    Attributes:
        rows: that all generations fit.
        real_share: pi_1, what the truth has in a label, in [0, 1].
        noise: standard deviation of the noise on a label, >= 0.
        penalty: of the objective with weights of 1; None for minimum norm.
    """

    rows: Any
    real_share: Any
    noise: Any
    penalty: Any


def read_blended_loop(chain: Chain) -> BlendedLoop:
    """Read a chain whose generations after the first relabel the rows of the first, all in the same way.

    Raises:
        NoTheorem: for other chains, naming the hypothesis that fails.

    >>> from modelcollapse.theory.problem import *
    >>> population = Population(Isotropic(9), UniformTarget())
    >>> chain = blend_labels(population, 3, rows=40, noise=4.0, real_share=0.5, real_noise=3.0, same_rows=True)
    >>> read_blended_loop(chain)
    BlendedLoop(rows=40, real_share=0.5, noise=2.5, penalty=0.001)
    """
    require_common_ground(chain)
    require(len(chain) > 1, "at least two generations, of which the last repeats for ever")
    last = _generation(chain, len(chain))
    seen = {id(chain.generations[-1])}  # equal generations are read once
    for number in range(2, len(chain)):
        step = chain.generations[number - 1]
        if id(step) in seen:
            continue
        seen.add(id(step))
        ours = _generation(chain, number)
        for name in ("real_share", "noise", "penalty"):
            alike = _alike(getattr(ours, name), getattr(last, name))
            require(alike, f"all generations after the first have one {_WORDS[name]} (not generation {number})")
    return last


_WORDS = {"real_share": "share of the truth in their labels", "noise": "label noise", "penalty": "penalty"}


def _generation(chain: Chain, number: int) -> BlendedLoop:
    """What one generation after the first contributes."""
    step = chain.generations[number - 1]
    require_forgetful(step, number)
    require(len(step.sources) == 1, f"one source in a generation (generation {number} has {len(step.sources)})")
    [source] = step.generated
    seen = first_seen(chain, number)
    require(
        seen is not None and seen[0] == 1,
        f"all generations label the rows of the first (generation {number} labels others)",
        "steady_state(chain) for fresh rows in every generation",
    )
    share = _real_share(source.labels, number)
    penalty = _penalty(step.estimator, source, number)
    settles = penalty is not None or not (isinstance(share, float) and share == 0.0)
    require(settles, f"the truth has a share in labels that are fitted without a penalty (not in generation {number})")
    return BlendedLoop(source.rows, share, source.noise, penalty)


def _real_share(labels: Labels, number: int) -> Any:
    """The share of the truth, the model before having the rest."""
    total: Any = 0.0
    for part, share in labels.parts if isinstance(labels, Blend) else ((labels, 1.0),):
        if isinstance(part, Truth):
            total = share if isinstance(total, float) and total == 0.0 else total + share
            continue
        before = isinstance(part, Previous) or part == LabelledBy(max(number - 1, 1))
        require(before, f"labels are a blend of the truth and of the model before (not in generation {number})")
    return total


def _penalty(estimator: Estimator, source: Source, number: int) -> Any:
    """The penalty in the units of an objective with weights of 1."""
    ridge = isinstance(estimator, Ridge | MinimumNorm)
    require(ridge, f"every generation is fitted by Ridge or MinimumNorm (not generation {number})", SIMULATE)
    if not isinstance(estimator, Ridge):
        return None
    usual = isinstance(source.weight, float) and source.weight == 1.0
    return estimator.penalty if usual else estimator.penalty / source.weight


def _alike(first: Any, second: Any) -> bool:
    """Whether two values are known to be equal."""
    return first is second or (first is not None and second is not None and checks.same(first, second))
