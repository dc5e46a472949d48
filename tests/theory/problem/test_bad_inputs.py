"""Every bad input raises `SpecificationError` that names the argument: none is accepted, none fails otherwise."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelcollapse.theory.problem import (
    Chain,
    Coefficients,
    Eigenvalues,
    GaussianTarget,
    Generation,
    Isotropic,
    Levels,
    MinimumNorm,
    Population,
    PowerLaw,
    Repeated,
    Ridge,
    SharedOut,
    Source,
    SourceCondition,
    Spiked,
    UniformTarget,
    demystified,
    grow,
    replace,
)

from .bad_values import (
    CHAIN,
    LARGEST,
    POPULATION,
    SOURCE,
    STEP,
    complaint,
    not_concrete_sizes,
    not_counts,
    not_nonnegative,
    not_nonnegative_vectors,
    not_numbers,
    not_objects,
    not_positive,
    not_sizes,
    not_spectra,
    not_tuples_of,
    not_vectors,
    picture,
    without,
)


def demystify(**changed):
    usual = {"generators": 2, "generator_rows": 5, "generator_noise": 0.1, "rows": 5, "noise": 0.1}
    return demystified(**{"population": POPULATION, **usual, **changed})


# argument: (call with one value, the field that the error must name, bad values)
ARGUMENTS = {
    "Isotropic.dimension": (Isotropic, "dimension", not_sizes),
    "Isotropic.scale": (lambda v: Isotropic(3, v), "scale", not_positive),
    "PowerLaw.dimension": (lambda v: PowerLaw(v, 1.5), "dimension", not_sizes),
    "PowerLaw.exponent": (lambda v: PowerLaw(3, v), "exponent", lambda: [*not_nonnegative(), 1e300, 700.0]),
    "PowerLaw.scale": (lambda v: PowerLaw(3, 1.5, v), "scale", not_positive),
    "Levels.values": (lambda v: Levels(v, [1, 1]), "values", not_spectra),
    "Levels.multiplicities": (lambda v: Levels([2.0, 1.0], v), "multiplicities", not_counts),
    "Spiked.dimension": (lambda v: Spiked(v, [2.0]), "dimension", not_concrete_sizes),
    "Spiked.spikes": (lambda v: Spiked(3, v), "spikes", lambda: [*not_nonnegative_vectors(), [1.0] * 3, [1.0] * 4]),
    "Spiked.bulk": (lambda v: Spiked(4, [2.0], v), "bulk", not_nonnegative),
    "Eigenvalues.values": (Eigenvalues, "values", not_spectra),
    "Repeated.base": (lambda v: Repeated(v, 2), "base", not_objects),
    "Repeated.times": (lambda v: Repeated(PowerLaw(4, 1.5), v), "times", lambda: [*not_concrete_sizes(), LARGEST]),
    "UniformTarget.norm_squared": (UniformTarget, "norm_squared", not_nonnegative),
    "SourceCondition.exponent": (SourceCondition, "exponent", not_numbers),
    "SourceCondition.scale": (lambda v: SourceCondition(0.5, v), "scale", not_nonnegative),
    "Coefficients.values": (Coefficients, "values", not_vectors),
    "GaussianTarget.variances": (GaussianTarget, "variances", not_nonnegative_vectors),
    "SharedOut.base": (lambda v: SharedOut(v, 2), "base", not_objects),
    "SharedOut.times": (lambda v: SharedOut(UniformTarget(), v), "times", not_concrete_sizes),
    "Population.spectrum": (lambda v: Population(v, UniformTarget()), "spectrum", not_objects),
    "Population.target": (lambda v: Population(Isotropic(3), v), "target", not_objects),
    "Population.scaled": (POPULATION.scaled, "times", lambda: [*not_concrete_sizes(), LARGEST]),
    "Ridge.penalty": (Ridge, "penalty", not_positive),
    "Source.rows": (lambda v: Source(v, 0.1), "rows", not_sizes),
    "Source.noise": (lambda v: Source(5, v), "noise", not_nonnegative),
    "Source.labels": (lambda v: Source(5, 0.1, v), "labels", not_objects),
    "Generation.sources": (lambda v: Generation(v, MinimumNorm()), "sources", lambda: not_tuples_of(SOURCE)),
    "Generation.estimator": (lambda v: Generation((SOURCE,), v), "estimator", not_objects),
    "Chain.population": (lambda v: Chain(v, (STEP,)), "population", lambda: without(not_objects(), POPULATION)),
    "Chain.generations": (lambda v: Chain(POPULATION, v), "generations", lambda: not_tuples_of(STEP)),
    "Chain.scaled": (CHAIN.scaled, "times", lambda: [*not_concrete_sizes(), LARGEST]),
    "with_.generation": (
        lambda v: CHAIN.with_(generation=v, noise=0.1),
        "generation",
        lambda: [*not_concrete_sizes(), 3],
    ),
    "with_.penalty": (lambda v: CHAIN.with_(penalty=v), "penalty", lambda: without(not_positive(), None)),
    "with_.noise": (lambda v: CHAIN.with_(noise=v), "noise", lambda: without(not_nonnegative(), None)),
    "with_.rows": (lambda v: CHAIN.with_(rows=v), "rows", lambda: without(not_sizes(), None)),
    "with_.estimator": (lambda v: CHAIN.with_(estimator=v), "estimator", lambda: without(not_objects(), None)),
    "with_.population": (
        lambda v: CHAIN.with_(population=v),
        "population",
        lambda: without(not_objects(), None, POPULATION),
    ),
    "replace.population": (replace, "population", lambda: without(not_objects(), POPULATION)),
    "replace.generations": (lambda v: replace(POPULATION, v), "generations", lambda: [*not_concrete_sizes(), 10**12]),
    "replace.rows": (lambda v: replace(POPULATION, 2, rows=v), "rows", not_sizes),
    "replace.rows of one": (lambda v: replace(POPULATION, 2, rows=[5, v]), "rows", not_sizes),
    "replace.noise": (lambda v: replace(POPULATION, 2, noise=v), "noise", not_nonnegative),
    "replace.noise of one": (lambda v: replace(POPULATION, 2, noise=(0.1, v)), "noise", not_nonnegative),
    "replace.estimator": (lambda v: replace(POPULATION, 2, estimator=v), "estimator", not_objects),
    "grow.population": (grow, "population", lambda: without(not_objects(), POPULATION)),
    "grow.generations": (lambda v: grow(POPULATION, v), "generations", lambda: [*not_concrete_sizes(), 10**12]),
    "grow.rows": (lambda v: grow(POPULATION, 2, rows=v), "rows", lambda: without(not_sizes(), float, print)),
    "grow.rows of one": (lambda v: grow(POPULATION, 2, rows=lambda g: v), "rows", not_sizes),
    "demystified.population": (
        lambda v: demystify(population=v),
        "population",
        lambda: without(not_objects(), POPULATION),
    ),
    "demystified.generators": (
        lambda v: demystify(generators=v),
        "generators",
        lambda: [*not_concrete_sizes(least=0), 10**12],
    ),
    "demystified.generator_rows": (lambda v: demystify(generator_rows=v), "generator_rows", not_sizes),
    "demystified.generator_noise": (lambda v: demystify(generator_noise=v), "generator_noise", not_nonnegative),
    "demystified.generator_estimator": (
        lambda v: demystify(generator_estimator=v),
        "generator_estimator",
        not_objects,
    ),
    "demystified.rows": (lambda v: demystify(rows=v), "rows", not_sizes),
    "demystified.noise": (lambda v: demystify(noise=v), "noise", not_nonnegative),
    "demystified.estimator": (lambda v: demystify(estimator=v), "estimator", not_objects),
}


@pytest.mark.parametrize("argument", ARGUMENTS)
def test_bad_values_are_refused_by_name(argument):
    call, field, values = ARGUMENTS[argument]
    complaints = [(picture(value), complaint(call, field, value)) for value in values()]
    assert [entry for entry in complaints if entry[1]] == []


def test_a_duration_without_a_unit_is_no_number():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # newer NumPy deprecates such durations, older makes them
        duration = np.timedelta64(3)
    assert complaint(Ridge, "penalty", duration) == ""


def test_the_table_is_large():
    distinct = {picture(value) for _, _, values in ARGUMENTS.values() for value in values()}
    assert len(distinct) >= 190
    assert sum(len(values()) for _, _, values in ARGUMENTS.values()) >= 4000


junk = st.one_of(
    st.none(),
    st.booleans(),
    st.text(),
    st.binary(),
    st.complex_numbers(),
    st.decimals(),
    st.dates(),
    st.timedeltas(),
    st.sampled_from([math.nan, math.inf, -math.inf]),
    st.integers(min_value=10**309),
    st.dictionaries(st.text(), st.floats()),
    st.sets(st.floats()),
    st.functions(),
)
below_zero = st.floats(max_value=-5e-324) | st.integers(max_value=-1) | st.fractions(max_value=-1e-9)
denormal = st.floats(5e-324, 2e-308)
too_many = st.lists(st.floats(), min_size=3)  # the policies under test have two generations
not_whole = below_zero | st.floats().filter(lambda x: not x.is_integer()) | st.integers(min_value=2**53)
bad_by_kind = {
    not_numbers: junk | too_many,
    not_nonnegative: junk | too_many | below_zero | denormal,
    not_positive: junk | too_many | below_zero | denormal | st.just(0),
    not_sizes: junk | too_many | not_whole,
    not_concrete_sizes: junk | too_many | not_whole,
    not_spectra: junk | st.floats() | st.lists(junk, min_size=1) | st.lists(below_zero, min_size=1),
    not_vectors: junk | st.floats() | st.lists(junk, min_size=1) | st.lists(st.lists(st.floats())),
}
FUZZED = [name for name, (_, _, values) in ARGUMENTS.items() if values in bad_by_kind]


@pytest.mark.parametrize("argument", FUZZED)
@given(data=st.data())
def test_random_bad_values_are_refused_by_name(argument, data):
    call, field, values = ARGUMENTS[argument]
    assert complaint(call, field, data.draw(bad_by_kind[values])) == ""
