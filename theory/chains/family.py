"""Which of the readings a chain falls under."""

from __future__ import annotations

from contextlib import suppress
from typing import TypeAlias

from ..problem import checks
from ..problem.chain import Chain
from ..problem.classification import ClassificationChain
from ..problem.covariates import Refitted
from ..problem.errors import NoTheorem, SpecificationError
from ..problem.estimator import MinimumNorm, RandomProjection
from ..problem.generation import Generation
from ..problem.labels import Blend, Labels, Lottery, Previous, Truth, labellers
from ..problem.memory import Subsample
from ..rules.kind import Kind
from .expressed import Expressed, express
from .kept_projection import KeptProjection, read_kept_projection
from .kept_rows import KeptRows, read_kept_rows
from .mixture import Mixture, read_mixture
from .reading import Step, read
from .refitted_covariates import RefittedCovariates, read_refitted_covariates
from .selected import Selected, is_selected, read_selected
from .subsample import Subsamples, read_subsamples

Steps: TypeAlias = tuple[Step, ...]
Special: TypeAlias = Steps | Mixture | KeptRows | KeptProjection | Subsamples | RefittedCovariates | Selected
Reading: TypeAlias = Special | Expressed


def reading_of(chain: Chain) -> Reading:
    """A chain as the mathematics that covers it: under a statement of the book, or else as an expression.

    Raises:
        NoTheorem: where neither applies, naming the hypothesis of the nearest statement that fails.
        SpecificationError: for anything but a chain.

    >>> from modelcollapse.theory.problem import *
    >>> step = Generation((Source(50, 0.3), Source(40, 0.3, PREVIOUS)), MinimumNorm())
    >>> type(reading_of(Chain(Population(Isotropic(20), UniformTarget()), (step,) * 3))).__name__
    'Mixture'
    """
    require_chain(chain)
    try:
        return _special(chain)
    except NoTheorem as refusal:
        with suppress(NoTheorem):
            return express(chain)
        if chain.initial is None:
            raise refusal from None
    return read_selected(chain)  # least squares, which the engine does not derive


def _special(chain: Chain) -> Special:
    if is_selected(chain):
        return read_selected(chain)
    different = _distinct(chain)
    if any(isinstance(step.memory, Subsample) for step in different):
        return read_subsamples(chain)
    if any(step.kept for step in different):
        return read_kept_rows(chain)
    if _keeps_a_projection(chain):
        return read_kept_projection(chain)
    if any(isinstance(source.covariates, Refitted) for step in different for source in step.generated):
        return read_refitted_covariates(chain)
    several = not all(_has_one_labeller(step) for step in different)
    if several and all(isinstance(step.estimator, MinimumNorm) for step in different):
        with suppress(NoTheorem):  # exact, where there are enough rows
            return read_mixture(chain)
    return read(chain)


def require_chain(chain: Chain) -> None:
    """Refuse anything but a chain, and classification by name."""
    if isinstance(chain, ClassificationChain):
        raise NoTheorem("the task is regression (a ClassificationChain has accuracies, not errors)", "predict(chain)")
    if not isinstance(chain, Chain):
        raise SpecificationError("chain", chain, "a Chain")


def kinds_of(chain: Chain, reading: Reading) -> tuple[Kind, ...]:
    """What the number after each generation is."""
    later = len(chain) - 1
    match reading:
        case Mixture() | RefittedCovariates():
            return (Kind.EXACT,) * len(chain)
        case KeptRows():
            first = Kind.EQUIVALENT if reading.starts_full else Kind.EXACT
            return (first, *(Kind.EQUIVALENT,) * later)
        case Subsamples():
            return (Kind.EXACT, *(Kind.LOW_DIMENSIONAL,) * later)
        case Selected():
            return tuple(step.kind for step in reading.steps)
        case Expressed() | KeptProjection():
            return (Kind.EQUIVALENT,) * len(chain)
        case _:
            return tuple(step.kind for step in reading)


def _distinct(chain: Chain) -> list[Generation]:
    """The first generation, then the distinct ones after it."""
    return [chain.generations[0], *{id(step): step for step in chain.generations[1:]}.values()]


def _keeps_a_projection(chain: Chain) -> bool:
    """Whether the first fit has a projection that a later one uses again."""
    first, *later = (step.estimator for step in chain.generations)
    return isinstance(first, RandomProjection) and any(
        isinstance(one, RandomProjection) and not one.redraw for one in later
    )


def _has_one_labeller(step: Generation) -> bool:
    """Whether one model, or one blend of it with the truth, labels all new rows."""
    labels = [source.labels for source in step.generated]
    plain = all(isinstance(one, Truth | Previous) for label in labels for one in labellers(label))
    alike = all(_equal(label, labels[0]) for label in labels)
    return plain and alike and not any(isinstance(label, Lottery) for label in labels)


def _equal(first: Labels, second: Labels) -> bool:
    """Whether labels are known to be equal; blends with tracers are only themselves."""
    shares = [share for one in (first, second) if isinstance(one, Blend) for _, share in one.parts]
    return first is second or (not any(checks.is_tracer(share) for share in shares) and first == second)
