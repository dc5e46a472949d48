"""Factored rational functions against SymPy's."""

from fractions import Fraction

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from modelcollapse.theory.algebra.reduction.factoring import irreducible
from modelcollapse.theory.algebra.reduction.fractions import Field, Rational
from modelcollapse.theory.algebra.reduction.packed import Ring, multiplied, primitive
from modelcollapse.theory.problem.errors import Swell

RING = Ring()
GENERATORS = [RING.generator(name) for name in "xyz"]
SYMBOLS = sympy.symbols("x y z")

monomials = st.tuples(*[st.integers(0, 2)] * 3).map(
    lambda powers: sum(power * unit for power, unit in zip(powers, GENERATORS, strict=True))
)
polynomials = st.dictionaries(monomials, st.integers(-3, 5).filter(bool), min_size=1, max_size=3)


def in_sympy(terms):
    return sum(
        sympy.Rational(number) * sympy.Mul(*(s**e for s, e in zip(SYMBOLS, RING.exponents(m), strict=True)))
        for m, number in terms.items()
    )


def value(field, rational):
    return in_sympy(field.numerator(rational)) / in_sympy(field.denominator(rational))


@given(polynomials, polynomials, polynomials)
def test_sums_products_and_inverses_are_those_of_the_field(a, b, c):
    field = Field(RING, 1000)
    first, second, third = (Rational(terms, {}, Fraction(2, 3)) for terms in (a, b, c))
    made = field.total((field.product(first, field.inverse(second)), field.inverse(third), first))
    left = sympy.Rational(2, 3)
    x, y, z = (left * in_sympy(terms) for terms in (a, b, c))
    assert sympy.cancel(value(field, made) - (x / y + 1 / z + x)) == 0
    assert sympy.cancel(value(field, field.cancelled(made)) - value(field, made)) == 0


@given(polynomials, polynomials)
def test_factors_taken_out_leave_a_number_times_a_monomial(a, b):
    field = Field(RING, 1000)
    product = Rational(multiplied(a, b))
    whole = field.factored(product)
    assert len(whole.terms) == 1
    assert set(whole.terms.values()) == {1}
    assert sympy.expand(value(field, whole) - in_sympy(product.terms)) == 0


@given(polynomials, polynomials)
def test_common_factors_cancel_once_they_are_known(a, b):
    field = Field(RING, 1000)
    quotient = field.product(Rational(multiplied(a, b)), field.inverse(Rational(b)))
    whole = field.cancelled(quotient)
    assert all(power > 0 for power in whole.powers.values())


@given(polynomials, polynomials)
def test_irreducible_factors_are_those_of_sympy(a, b):
    _, _, terms = primitive(RING, multiplied(a, b))
    own = sorted(len(factor) for factor in irreducible(RING, terms))
    known = [
        len(sympy.Poly(factor, *SYMBOLS).terms())
        for factor, power in sympy.factor_list(in_sympy(terms))[1]
        for _ in range(power)
    ]
    assert own == sorted(known)


def test_nothing_has_no_inverse():
    field = Field(RING, 10)
    with pytest.raises(ZeroDivisionError):
        field.inverse(field.zero)


def test_polynomials_that_become_too_large_are_refused_by_name():
    field = Field(RING, 10)
    wide = Rational({sum(GENERATORS): 1, **dict.fromkeys(GENERATORS, 1)})
    with pytest.raises(Swell, match="terms in a polynomial, where 10 are allowed"):
        field.power(wide, 3)


def test_so_is_too_much_work():
    field = Field(RING, 10)
    small = Rational({GENERATORS[0]: 1, 0: 1})
    with pytest.raises(Swell, match="products of terms"):
        _ = [field.product(small, small) for _ in range(10_000)]
