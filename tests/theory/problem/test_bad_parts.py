"""Labels, covariates, memory, selections, projections and kept rows: bad values are refused by name, and so are parts
that do not fit each other."""

import jax.numpy as jnp
import pytest
import sympy

from modelcollapse.theory.problem import (
    ACCUMULATE,
    FRESH,
    KEEP_ALL,
    PREVIOUS,
    TRUTH,
    Blend,
    Chain,
    Coefficients,
    GaussianTarget,
    Generation,
    Isotropic,
    Kept,
    LabelledBy,
    Lottery,
    MinimumNorm,
    NormWindow,
    Perturbed,
    Population,
    PowerLaw,
    RandomProjection,
    Recorded,
    Refitted,
    Resample,
    ResidualWindow,
    Revise,
    Ridge,
    SameRows,
    Shifted,
    Source,
    SourceCondition,
    SpecificationError,
    Subsample,
    TopShare,
    UniformTarget,
    Unreliable,
    retain_real,
)

from .bad_values import (
    CHAIN,
    POPULATION,
    SOURCE,
    STEP,
    complaint,
    not_concrete_sizes,
    not_flags,
    not_nonnegative,
    not_numbers,
    not_objects,
    not_pairs,
    not_positive,
    not_shares,
    not_sizes,
    picture,
    without,
)

OFFSET = UniformTarget()
WINDOW = ResidualWindow(OFFSET, -1.0, 1.0)
PROJECTED = CHAIN.with_(estimator=RandomProjection(3, 0.1))
LAYERS = [FRESH, PREVIOUS, KEEP_ALL, ACCUMULATE, MinimumNorm(), OFFSET, Isotropic(6)]


def positions():
    return not_concrete_sizes(least=0)


def not_of(*kinds):
    """Objects of the specification, but of another part of it."""
    return lambda: [*not_objects(), *(value for value in LAYERS if not isinstance(value, kinds)), *kinds]


def optional(values):
    return lambda: without(values(), None)


# argument: (call with one value, the field that the error must name, bad values)
ARGUMENTS = {
    "LabelledBy.generation": (LabelledBy, "generation", not_concrete_sizes),
    "Shifted.offset": (Shifted, "offset", not_of(UniformTarget)),
    "Shifted.tag": (lambda v: Shifted(OFFSET, v), "tag", positions),
    "Recorded.generation": (Recorded, "generation", not_concrete_sizes),
    "Recorded.source": (lambda v: Recorded(1, v), "source", positions),
    "Blend.parts": (Blend, "parts", lambda: not_pairs("share")),
    "Blend.share": (lambda v: Blend(((TRUTH, 0.5), (PREVIOUS, v))), "share", not_positive),
    "Lottery.parts": (Lottery, "parts", lambda: not_pairs("probability")),
    "Lottery.probability": (lambda v: Lottery(((TRUTH, v), (PREVIOUS, 0.5))), "probability", not_positive),
    "SameRows.generation": (SameRows, "generation", not_concrete_sizes),
    "SameRows.source": (lambda v: SameRows(1, v), "source", positions),
    "Refitted.generation": (Refitted, "generation", not_concrete_sizes),
    "Refitted.source": (lambda v: Refitted(1, v), "source", positions),
    "Refitted.rescale": (lambda v: Refitted(1, rescale=v), "rescale", not_positive),
    "Refitted.shrink": (lambda v: Refitted(1, shrink=v), "shrink", not_shares),
    "Refitted.rank": (lambda v: Refitted(1, rank=v), "rank", optional(not_concrete_sizes)),
    "Perturbed.std": (Perturbed, "std", not_nonnegative),
    "Subsample.rows": (Subsample, "rows", not_sizes),
    "RandomProjection.width": (RandomProjection, "width", not_sizes),
    "RandomProjection.penalty": (lambda v: RandomProjection(3, v), "penalty", optional(not_positive)),
    "RandomProjection.redraw": (lambda v: RandomProjection(3, 0.1, v), "redraw", not_flags),
    "ResidualWindow.verifier": (lambda v: ResidualWindow(v, -1.0, 1.0), "verifier", not_of(UniformTarget)),
    "ResidualWindow.lower": (
        lambda v: ResidualWindow(OFFSET, v, 1.0),
        "lower",
        lambda: [*not_numbers(), 1, 1.0, 2, 1e300, sympy.Integer(1), sympy.pi],
    ),
    "ResidualWindow.upper": (lambda v: ResidualWindow(OFFSET, -1.0, v), "upper", not_numbers),
    "NormWindow.verifier": (lambda v: NormWindow(v, 0.1, 1.0), "verifier", not_of(UniformTarget)),
    "NormWindow.slope": (lambda v: NormWindow(OFFSET, v, 1.0), "slope", not_nonnegative),
    "NormWindow.offset": (lambda v: NormWindow(OFFSET, 0.1, v), "offset", not_positive),
    "TopShare.verifier": (lambda v: TopShare(v, 0.5), "verifier", not_of(UniformTarget)),
    "TopShare.share": (lambda v: TopShare(OFFSET, v), "share", lambda: [*not_shares(), 0, 0.0, sympy.Integer(0)]),
    "Unreliable.selection": (
        lambda v: Unreliable(v, 0.1, 0.1),
        "selection",
        lambda: [
            *not_of(ResidualWindow)(),
            Unreliable(WINDOW, 0.1, 0.1),
            Revise(OFFSET, 1.0, 0.5),
            Resample(WINDOW, 2),
        ],
    ),
    "Unreliable.false_keep": (lambda v: Unreliable(WINDOW, v, 0.1), "false_keep", not_shares),
    "Unreliable.false_drop": (lambda v: Unreliable(WINDOW, 0.1, v), "false_drop", not_shares),
    "Resample.selection": (
        lambda v: Resample(v, 2),
        "selection",
        lambda: [*not_of(ResidualWindow)(), TopShare(OFFSET, 0.5), Unreliable(TopShare(OFFSET, 0.5), 0.1, 0.1)],
    ),
    "Resample.tries": (lambda v: Resample(WINDOW, v), "tries", not_concrete_sizes),
    "Resample.keep_last": (lambda v: Resample(WINDOW, 2, v), "keep_last", not_flags),
    "Revise.verifier": (lambda v: Revise(v, 1.0, 0.5), "verifier", not_of(UniformTarget)),
    "Revise.threshold": (lambda v: Revise(OFFSET, v, 0.5), "threshold", not_positive),
    "Revise.shrink": (lambda v: Revise(OFFSET, 1.0, v), "shrink", not_shares),
    "Source.labels": (lambda v: Source(5, 0.1, v), "labels", not_of(type(PREVIOUS))),
    "Source.weight": (lambda v: Source(5, 0.1, weight=v), "weight", not_nonnegative),
    "Source.covariance": (lambda v: Source(5, 0.1, covariance=v), "covariance", optional(not_of(Isotropic))),
    "Source.covariates": (lambda v: Source(5, 0.1, covariates=v), "covariates", not_of(type(FRESH))),
    "Kept.generation": (Kept, "generation", not_concrete_sizes),
    "Kept.source": (lambda v: Kept(1, v), "source", positions),
    "Kept.weight": (lambda v: Kept(1, 0, v), "weight", not_positive),
    "Generation.estimator": (lambda v: Generation((SOURCE,), v), "estimator", not_of(MinimumNorm)),
    "Generation.selection": (
        lambda v: Generation((SOURCE,), Ridge(0.1), v),
        "selection",
        not_of(type(KEEP_ALL)),
    ),
    "Generation.memory": (
        lambda v: Generation((SOURCE,), Ridge(0.1), memory=v),
        "memory",
        not_of(type(ACCUMULATE)),
    ),
    "Chain.initial": (lambda v: Chain(POPULATION, (STEP,), v), "initial", optional(not_of(UniformTarget))),
    "with_.penalty of a projection": (
        lambda v: PROJECTED.with_(penalty=v),
        "penalty",
        optional(not_positive),
    ),
}


@pytest.mark.parametrize("argument", ARGUMENTS)
def test_bad_values_are_refused_by_name(argument):
    call, field, values = ARGUMENTS[argument]
    complaints = [(picture(value), complaint(call, field, value)) for value in values()]
    assert [entry for entry in complaints if entry[1]] == []


def test_the_table_is_large():
    cases = {(argument, picture(value)) for argument, (_, _, values) in ARGUMENTS.items() for value in values()}
    assert len(cases) >= 3500


def chain(*steps, population=POPULATION):
    """The sources of each generation, fitted by ridge regression unless they come in a `Generation`."""
    made = (step if isinstance(step, Generation) else Generation(step, Ridge(0.1)) for step in steps)
    return Chain(population, tuple(made))


def again(covariates, rows=5, labels=PREVIOUS):
    return (Source(rows, 0.1, labels, covariates=covariates),)


def fitted(estimator):
    return Generation((SOURCE,), estimator)


FIRST = (Source(5, 0.1),)
THREE = Coefficients([1.0, 2.0, 3.0])
KEPT_TWICE = (Kept(1), Source(5, 0.1, PREVIOUS))

# Parts that are fine by themselves and do not fit: (build, field)
MISFITS = [
    *((lambda g=g: chain(FIRST, (Source(5, 0.1, LabelledBy(g)),)), "generation") for g in (2, 3, 10**15)),
    *((lambda g=g: chain(FIRST, again(SameRows(g))), "generation") for g in (2, 3, 10**15)),
    *((lambda g=g: chain(FIRST, again(Refitted(g))), "generation") for g in (2, 3, 10**15)),
    *((lambda g=g: chain(FIRST, (Kept(g),)), "generation") for g in (2, 3, 10**15)),
    *((lambda s=s: chain(FIRST, again(SameRows(1, s))), "source") for s in (1, 2, 10**15)),
    *((lambda s=s: chain(FIRST, again(Refitted(1, s))), "source") for s in (1, 2, 10**15)),
    *((lambda s=s: chain(FIRST, (Kept(1, s),)), "source") for s in (1, 2, 10**15)),
    *((lambda part=part: chain(FIRST, KEPT_TWICE, part), "source") for part in ((Kept(2),), again(SameRows(2)))),
    (lambda: chain((Source(5, 0.1, LabelledBy(1)),)), "generation"),
    (lambda: chain((Source(5, 0.1, Blend(((TRUTH, 0.5), (LabelledBy(1), 0.5)))),)), "generation"),
    (lambda: chain((Source(5, 0.1, Lottery(((TRUTH, 0.5), (LabelledBy(1), 0.5)))),)), "generation"),
    (lambda: chain((Kept(1),)), "generation"),
    *((lambda n=n: chain(FIRST, again(SameRows(1), n)), "rows") for n in (1, 4, 6, 10**9)),
    (lambda: again(FRESH, labels=Recorded(1)), "labels"),
    (lambda: again(SameRows(1, 1), labels=Recorded(1)), "labels"),
    (lambda: again(SameRows(2), labels=Recorded(1)), "labels"),
    (lambda: again(Refitted(1), labels=Recorded(1)), "labels"),
    (lambda: again(FRESH, labels=Blend(((TRUTH, 0.5), (Recorded(1), 0.5)))), "labels"),
    (lambda: again(FRESH, labels=Lottery(((TRUTH, 0.5), (Recorded(1), 0.5)))), "labels"),
    *(
        (lambda c=c: Source(5, 0.1, covariance=Isotropic(6), covariates=c), "covariance")
        for c in (SameRows(1), Refitted(1), Perturbed(0.1))
    ),
    *((lambda d=d: chain((Source(5, 0.1, covariance=Isotropic(d)),)), "covariance") for d in (5, 7)),
    *((lambda r=r: chain(FIRST, again(Refitted(1, rank=r))), "rank") for r in (7, 10**9)),
    (lambda: chain((Source(5, 0.1, Shifted(THREE)),)), "offset.values"),
    (lambda: chain((Source(5, 0.1, Shifted(GaussianTarget([1.0]))),)), "offset.variances"),
    (lambda: chain((Source(5, 0.1, Shifted(SourceCondition(0.5))),)), "offset.target"),
    (lambda: chain((Source(5, 0.1, Blend(((TRUTH, 0.5), (Shifted(THREE), 0.5)))),)), "offset.values"),
    (lambda: Chain(POPULATION, (STEP,), THREE), "initial.values"),
    (lambda: Chain(POPULATION, (STEP,), SourceCondition(0.5)), "initial.target"),
    *(
        (lambda s=s: chain(Generation((SOURCE,), Ridge(0.1), s)), "verifier.values")
        for s in (
            ResidualWindow(THREE, -1, 1),
            NormWindow(THREE, 0.1, 1),
            TopShare(THREE, 0.5),
            Revise(THREE, 1, 0.5),
            Unreliable(TopShare(THREE, 0.5), 0.1, 0.1),
            Resample(Unreliable(ResidualWindow(THREE, -1, 1), 0.1, 0.1), 2),
        )
    ),
    *((lambda m=m: Generation(KEPT_TWICE, Ridge(0.1), memory=m), "memory") for m in (ACCUMULATE, Subsample(3))),
    *((lambda n=n: chain(Generation(FIRST, Ridge(0.1), memory=Subsample(n))), "rows") for n in (6, sympy.Integer(6))),
    (lambda: chain(FIRST, Generation(FIRST, Ridge(0.1), memory=Subsample(11))), "rows"),
    (lambda: chain(fitted(RandomProjection(3, 0.1)), fitted(RandomProjection(4, 0.1, False))), "width"),
    (
        lambda: chain(fitted(RandomProjection(3)), fitted(Ridge(0.1)), fitted(RandomProjection(4, None, False))),
        "width",
    ),
    (lambda: ResidualWindow(OFFSET, sympy.Integer(2), sympy.Integer(1)), "lower"),
    (lambda: ResidualWindow(OFFSET, jnp.array(2.0), jnp.array(1.0)), "lower"),
    (lambda: CHAIN.with_(population=retain_real(POPULATION, 2)), "population"),
    (lambda: chain(FIRST, (Kept(1),)).with_(rows=7), "rows"),
    (lambda: chain(FIRST, KEPT_TWICE).with_(generation=2, rows=7), "rows"),
    (lambda: chain(FIRST, again(SameRows(1))).with_(generation=2, rows=7), "rows"),
    (lambda: chain(FIRST, Generation(FIRST, Ridge(0.1), memory=Subsample(10))).with_(rows=4), "rows"),
]


@pytest.mark.parametrize("number", range(len(MISFITS)))
def test_parts_that_do_not_fit_are_refused_by_name(number):
    build, field = MISFITS[number]
    with pytest.raises(SpecificationError) as caught:
        build()
    assert caught.value.field == field


def test_a_projection_that_is_used_again_is_found_behind_repeated_generations():
    narrow, wide = fitted(RandomProjection(3, 0.1, False)), fitted(RandomProjection(4, 0.1))
    assert len(chain(narrow, fitted(Ridge(0.1)), narrow)) == 3
    with pytest.raises(SpecificationError, match="used again"):
        chain(narrow, wide, narrow)


def test_offsets_with_a_power_law_fit_a_power_law():
    population = Population(PowerLaw(6, 1.5), UniformTarget())
    made = chain((Source(5, 0.1, Shifted(SourceCondition(0.5))),), population=population)
    assert made.generations[0].sources[0].labels.offset == SourceCondition(0.5)
