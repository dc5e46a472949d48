"""Packed Laurent polynomials against SymPy's."""

import sympy
from hypothesis import given
from hypothesis import strategies as st

from modelcollapse.theory.algebra.reduction.packed import Ring, multiplied, primitive, quotient

RING = Ring(["low"])
LOW, X, Y = RING.generator("low"), RING.generator("x"), RING.generator("y")
SYMBOLS = {"low": sympy.Symbol("l"), "x": sympy.Symbol("x"), "y": sympy.Symbol("y")}

exponents = st.tuples(*[st.integers(-3, 3)] * 3)
monomials = exponents.map(lambda powers: powers[0] * LOW + powers[1] * X + powers[2] * Y)
polynomials = st.dictionaries(monomials, st.integers(-9, 9).filter(bool), min_size=1, max_size=6)


def in_sympy(terms):
    return sum(
        number * sympy.Mul(*(SYMBOLS[name] ** power for name, power in RING.powers(monomial)))
        for monomial, number in terms.items()
    )


@given(exponents)
def test_exponents_come_back(powers):
    monomial = powers[0] * LOW + powers[1] * X + powers[2] * Y
    assert RING.exponents(monomial) == powers
    assert RING.low(monomial) == powers[0] * LOW
    assert RING.nonnegative(monomial) == (min(powers) >= 0)


@given(polynomials, polynomials)
def test_products_are_products(first, second):
    assert sympy.expand(in_sympy(multiplied(first, second)) - in_sympy(first) * in_sympy(second)) == 0


@given(polynomials, polynomials)
def test_quotients_undo_products(first, second):
    _, _, normal = primitive(RING, second)
    assert quotient(RING, multiplied(first, normal), normal) == first


@given(polynomials, polynomials)
def test_there_is_a_quotient_only_where_one_divides(first, second):
    _, _, divisor = primitive(RING, second)
    found = quotient(RING, first, divisor)
    if found is None:
        least, _ = RING.box(first)
        shifted = {monomial - least: number for monomial, number in first.items()}
        above, below = (sympy.Poly(in_sympy(terms), *SYMBOLS.values()) for terms in (shifted, divisor))
        assert above.rem(below) != 0
    else:
        assert multiplied(found, divisor) == first


@given(polynomials)
def test_boxes_hold_the_least_and_the_greatest_exponents(terms):
    columns = list(zip(*map(RING.exponents, terms), strict=True))
    low, high = RING.box(terms)
    assert RING.exponents(low) == tuple(map(min, columns))
    assert RING.exponents(high) == tuple(map(max, columns))


@given(polynomials)
def test_primitive_parts_have_no_content(terms):
    monomial, content, rest = primitive(RING, terms)
    assert multiplied({monomial: content}, rest) == terms
    assert RING.box(rest)[0] == 0
    assert 2 * sum(number < 0 for number in rest.values()) <= len(rest)
