"""Values that no argument accepts, by the kind of argument, and how one that is accepted shows."""

import math
import time
from collections import deque
from decimal import Decimal
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import sympy

from modelcollapse.theory.problem import (
    PREVIOUS,
    TRUTH,
    Blend,
    Isotropic,
    Lottery,
    Population,
    Ridge,
    SpecificationError,
    Truth,
    UniformTarget,
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


def without(values, *accepted):
    return [value for value in values if not any(value is other for other in accepted)]


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


def not_shares():
    """Nothing between 0 and 1."""
    return [*not_nonnegative(), 1.5, 2, 1 + 1e-9, 1e300, sympy.Integer(2), sympy.pi, Fraction(3, 2), jnp.array(1.5)]


def not_flags():
    """Neither True nor False, though some read like it."""
    return without([*not_numbers(), 0, 1, 0.0, "True", "", np.array(True), sympy.false], True, False)


def not_pairs(name):
    """No tuple of labels with shares or probabilities that sum to 1."""
    whole = [*not_objects(), (), [], TRUTH, (TRUTH,), (TRUTH, 1.0), ((TRUTH,),), ((TRUTH, 0.5, 0.5),), {TRUTH: 1.0}]
    whole += [((1.0, TRUTH),), ((None, 1.0),), ((Ridge(1.0), 1.0),), ((Truth, 1.0),), HostileList([(TRUTH, 1.0)])]
    whole += [(HostileList([TRUTH, 1.0]),), ((Lottery(((TRUTH, 1.0),)), 1.0),), ("Truth", 1.0), [(TRUTH, 1.0), None]]
    sums = [(1.0, 1.0), (0.5, 0.4999), (0.5, 0.5 + 1e-6), (1e-300, 0.9), (1e300, 1e300), (0.25, sympy.Rational(1, 4))]
    nested = [((Blend(((TRUTH, 1.0),)), 1.0),)] if name == "share" else []
    return [*whole, *nested, *(((TRUTH, first), (PREVIOUS, second)) for first, second in sums)]
