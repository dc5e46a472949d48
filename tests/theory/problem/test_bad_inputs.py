"""Every bad input raises `SpecificationError` that names the argument: none is accepted, none fails otherwise."""

import math
import time
import warnings
from collections import deque
from decimal import Decimal
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sympy
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
    SpecificationError,
    Spiked,
    UniformTarget,
    demystified,
    grow,
    replace,
)

POPULATION = Population(Isotropic(6), UniformTarget())
CHAIN = replace(POPULATION, 2, rows=5)
STEP = CHAIN.generations[0]
SOURCE = STEP.sources[0]
LARGEST = 2**53 - 1


class Hostile(float):
    """A number whose conversion and picture fail."""

    def __float__(self):
        raise ZeroDivisionError("no float")

    def __repr__(self):
        raise RuntimeError("no picture")


class HostileList(list):
    """A list that cannot be read."""

    def __iter__(self):
        raise RuntimeError("no entries")


def circular():
    entries = []
    entries.append(entries)
    return entries


def not_numbers():
    """Never a real number, whatever the argument."""
    x = sympy.Symbol("x")
    plain = [
        None,
        True,
        False,
        "3",
        b"3",
        1 + 1j,
        object(),
        ...,
        float,
        print,
        {},
        {1.0},
        {1: 2.0},
        iter([1.0]),
        range(3),
    ]
    infinite = [
        math.nan,
        math.inf,
        -math.inf,
        float("1e400"),
        10**400,
        10**5000,
        Fraction(10**400),
        np.longdouble("1e400"),
    ]
    hostile = [Hostile(2.0), Decimal(2), circular(), SOURCE, POPULATION, np.float32("nan"), np.float16("inf")]
    arrays = [
        [1.0],
        (1.0,),
        [],
        np.array([1.0]),
        np.ones((2, 2)),
        np.array([]),
        np.array("3"),
        np.array(None),
        np.array(1j),
    ]
    truths = [np.True_, np.array(True), jnp.array(True)]
    masked = [np.ma.masked, np.ma.array(1.0, mask=True), np.ma.array([1.0])]
    dates = [np.timedelta64(3, "s"), np.datetime64("2024")]
    devices = [jnp.array(math.nan), jnp.array([1.0]), jnp.array(1j), jax.random.key(0), jnp.array([])]
    numbers = [sympy.nan, sympy.oo, -sympy.oo, sympy.zoo, sympy.I, sympy.sqrt(-2)]
    objects = [sympy.true, x > 0, sympy.S.Reals, sympy.Tuple(1, 2), sympy.Matrix([1]), sympy.ImmutableMatrix([[1]])]
    assumed = [
        sympy.Symbol("i", imaginary=True),
        sympy.Symbol("A", commutative=False),
        sympy.Symbol("w", infinite=True),
    ]
    return [
        *(*plain, *infinite, *hostile, *arrays, *truths, *masked, *dates, *devices),
        *(*numbers, *objects, *assumed),
    ]


def not_nonnegative():
    negative = [-1.0, -1, -1e-300, -5e-324, np.float32(-2), Fraction(-1, 3), jnp.array(-1.0), np.array(-1.0)]
    symbolic = [sympy.Integer(-3), -sympy.pi, sympy.Symbol("y", negative=True)]
    return [*not_numbers(), *negative, *symbolic, 1e-310, 5e-324, np.float64(2e-308)]


def not_positive():
    return [*not_nonnegative(), 0, 0.0, -0.0, np.float64(0), Fraction(0), sympy.Integer(0), jnp.array(0.0)]


def not_sizes(least=1):
    large = [2**53, 2**53 + 1, 2**63, 2**64, 1e300, np.uint64(2**63), Fraction(2**60)]
    broken = [1.5, 0.5, np.float32(2.5), Fraction(7, 2), 1e-300, sympy.Rational(5, 2), sympy.Symbol("q", integer=False)]
    small = [-1, -(2**63), -1.0, sympy.Integer(-3), jnp.array(-1), *((0, 0.0, sympy.Integer(0)) if least else ())]
    return [*not_numbers(), *large, *broken, *small]


def not_concrete_sizes(least=1):
    return [*not_sizes(least), sympy.Symbol("n"), sympy.Integer(4)]


def not_vectors():
    shapes = [None, 1.0, np.array(1.0), [], (), np.array([]), np.ones((2, 2)), [[1.0], [1.0, 2.0]], jnp.ones((2, 2))]
    others = [
        "12",
        b"12",
        {1: 2.0},
        {1.0, 2.0},
        iter([1.0]),
        map(float, [1]),
        print,
        object(),
        circular(),
        HostileList([1.0]),
    ]
    entries = [["1", "2"], [1.0, None], [1.0, 1j], [Decimal(1)], [object()], [10**400], [2**70], [1.0, "a"]]
    infinite = [[1.0, math.nan], [1.0, math.inf], np.array(["1e400"], dtype=np.longdouble), jnp.array([1.0, math.nan])]
    truths = [[True, False], [1.0, True], (np.True_, 1.0), np.array([True]), jnp.array([True]), [np.array(True), 1.0]]
    truths += [deque([True, 1.0]), [jnp.array(False), 1.0]]
    masked = [np.ma.array([1.0, 2.0], mask=[0, 1]), np.ma.array([1.0, 2.0])]
    dates = [np.array([1, 2], "m8[s]"), np.array(["2024"], "M8[D]"), np.zeros(2, dtype=[("a", float)])]
    devices = [jax.random.split(jax.random.key(0), 2), jnp.array([1j])]
    symbols = [sympy.Symbol("x"), list(sympy.symbols("x y")), sympy.Matrix([1, 2]), sympy.ImmutableMatrix([1, 2])]
    return [*shapes, *others, *entries, *infinite, *truths, *masked, *dates, *devices, *symbols]


def not_nonnegative_vectors():
    return [*not_vectors(), [1.0, -1.0], [1.0, 1e-310], np.array([5e-324, 1.0]), [-1e300]]


def not_spectra():
    return [*not_nonnegative_vectors(), [0.0], [0.0, -0.0]]


def not_counts():
    return [*not_nonnegative_vectors(), [1, 0], [1, 1.5], [2**53, 1], [2**63, 1], [1], [1, 1, 1], [LARGEST, LARGEST]]


def not_objects():
    """Never an object of the specification's own types."""
    return [*not_numbers(), 3, "isotropic", Isotropic, (Isotropic(3),), [UniformTarget()], Ridge]


def not_tuples_of(good):
    return [*not_objects(), (), [], good, (good, None), [good, 3], iter([good]), {good}]


def demystify(**changed):
    usual = {"generators": 2, "generator_rows": 5, "generator_noise": 0.1, "rows": 5, "noise": 0.1}
    return demystified(**{"population": POPULATION, **usual, **changed})


def without(values, *accepted):
    return [value for value in values if not any(value is other for other in accepted)]


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


def complaint(call, field, value):
    """What went wrong in refusing `value`; empty where it was refused as it should be."""
    start = time.perf_counter()
    try:
        call(value)
    except SpecificationError as error:
        found = "" if error.field == field else f"named {error.field}"
    except Exception as error:
        found = f"raised {type(error).__name__}"
    else:
        found = "accepted"
    return found + (" slowly" if time.perf_counter() - start > 5 else "")


def picture(value):
    try:
        return f"{type(value).__name__} {value!r}"[:80]
    except Exception:
        return type(value).__name__


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
