"""A chain with one projection for ever: its ridge fits on the projected spectrum, and what is refused by name."""

import numpy as np
import pytest

from modelcollapse.theory.chains.family import kinds_of, reading_of
from modelcollapse.theory.chains.kept_projection import KeptProjection, read_kept_projection
from modelcollapse.theory.problem import (
    ACCUMULATE,
    PREVIOUS,
    Chain,
    Coefficients,
    Generation,
    Isotropic,
    LabelledBy,
    Levels,
    MinimumNorm,
    NoTheorem,
    Population,
    RandomProjection,
    Ridge,
    SameRows,
    Shifted,
    Source,
    UniformTarget,
)
from modelcollapse.theory.problem import TRUTH as REAL
from modelcollapse.theory.rules.kind import Kind
from modelcollapse.theory.rules.resolvent import RESOLVENT

POPULATION = Population(Levels([1.5, 0.4, 0.0], [6, 8, 2]), UniformTarget())
SHIFT = Shifted(Coefficients(np.linspace(0.1, 0.4, 16)))
ROWS = Source(20, 0.5, PREVIOUS)


def kept(width=10, penalty=0.2):
    return RandomProjection(width, penalty, redraw=False)


def chain(*generations, population=POPULATION):
    steps = [Generation(sources if isinstance(sources, tuple) else (sources,), fit) for sources, fit in generations]
    return Chain(population, tuple(steps))


def test_reads_ridge_fits_with_the_width_beside_them():
    """Rows, penalties, mean noises and labellers of every generation; the number is an equivalent."""
    pooled = (Source(8, 0.6, REAL), Source(24, 0.2, SHIFT), Source(8, 0.4, PREVIOUS))
    made = chain((ROWS, RandomProjection(10, 0.3)), (pooled, kept(penalty=0.7)))
    reading = reading_of(made)
    assert isinstance(reading, KeptProjection)
    assert reading.width == 10
    assert [step.rule for step in reading.steps] == [RESOLVENT] * 2
    assert [step.rows for step in reading.steps] == [20, 40]
    assert [step.penalty for step in reading.steps] == [0.3, 0.7]
    assert [step.width for step in reading.steps] == [10, 10]
    noises = [step.noise_squared for step in reading.steps]
    assert noises == pytest.approx([0.25, (8 * 0.36 + 24 * 0.04 + 8 * 0.16) / 40], rel=1e-15)
    assert reading.steps[0].labelling.mean == (0.0, 0.0)
    assert reading.steps[1].labelling.mean == pytest.approx((0.2, 0.6), rel=1e-15)
    assert reading.steps[1].labelling.offsets == (SHIFT,)
    assert kinds_of(made, reading) == (Kind.EQUIVALENT,) * 2


def test_the_first_projection_is_drawn_in_any_case():
    """Whether or not it asks for that."""
    steps = [read_kept_projection(chain((ROWS, first), (ROWS, kept()))).steps for first in (kept(), kept(10, 0.2))]
    for one, other in zip(*steps, strict=True):
        assert (one.rows, one.penalty, one.width) == (other.rows, other.penalty, other.width)


def test_in_the_first_generation_the_model_before_is_the_truth():
    step = Generation((ROWS,), kept())
    steps = read_kept_projection(Chain(POPULATION, (step,) * 5)).steps
    assert [one.labelling.previous for one in steps] == [0.0, 1.0, 1.0, 1.0, 1.0]


def test_a_common_weight_scales_the_penalty():
    """And rows without a weight count in the objective's 1/n only: lambda n/(a n_used)."""
    weighed = Source(20, 0.5, PREVIOUS, weight=2.0), Source(10, 0.5, PREVIOUS, weight=0.0)
    steps = read_kept_projection(chain((ROWS, kept()), (weighed, kept()))).steps
    assert steps[1].rows == 20
    assert steps[1].penalty == pytest.approx(0.2 * 30 / 20 / 2, rel=1e-15)


def test_without_a_penalty_rows_are_fewer_than_width_and_rank():
    """Ridgeless fits interpolate: 12 rows at width 14 or more and rank 14."""
    few, fit = Source(12, 0.5, PREVIOUS), kept(16, None)
    assert [step.penalty for step in read_kept_projection(chain((few, fit), (few, fit))).steps] == [0.0, 0.0]
    for rows, width in ((20, 10), (13, 16), (13, 14), (12, 13)):
        source, narrow = Source(rows, 0.5, PREVIOUS), kept(width, None)
        with pytest.raises(NoTheorem, match=r"a positive penalty, or fewer rows .* \(generation 1\)"):
            read_kept_projection(chain((source, narrow), (source, narrow)))


@pytest.mark.parametrize(
    ("second", "hypothesis"),
    [
        ((ROWS, Ridge(0.1)), "one random projection in all generations .generation 2"),
        ((ROWS, MinimumNorm()), "one random projection in all generations .generation 2"),
        ((ROWS, RandomProjection(10, 0.2)), "one random projection in all generations .generation 2"),
        ((Source(20, 0.5, PREVIOUS, covariates=SameRows(1)), kept()), "rows are fresh .* .generation 2"),
        (((Source(9, 0.5, REAL), Source(9, 0.5, PREVIOUS, weight=2.0)), kept()), "one weight .those of generation 2"),
        ((Source(20, 0.5, covariance=Isotropic(16)), kept()), "the population's covariance .a source of generation 2"),
    ],
)
def test_other_chains_are_refused_by_name(second, hypothesis):
    with pytest.raises(NoTheorem, match=hypothesis):
        read_kept_projection(chain((ROWS, kept()), second, (ROWS, kept())))


def test_stores_and_older_models_are_refused_by_name():
    """The generation that fails is named."""
    stored = Chain(POPULATION, (Generation((ROWS,), kept()), Generation((ROWS,), kept(), memory=ACCUMULATE)))
    with pytest.raises(NoTheorem, match=r"its own generation \(generation 2"):
        read_kept_projection(stored)
    with pytest.raises(NoTheorem, match="others in generation 3"):
        read_kept_projection(chain((ROWS, kept()), (ROWS, kept()), (Source(20, 0.5, LabelledBy(1)), kept())))


def test_model_0_is_the_truth():
    initial = Chain(POPULATION, (Generation((ROWS,), kept()),) * 2, initial=Coefficients(np.full(16, 0.1)))
    with pytest.raises(NoTheorem, match="model 0 is the truth"):
        read_kept_projection(initial)
