"""Words in Gaussian matrices: against sums over all entries, and the laws of a trace."""

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from modelcollapse.theory.exact.factor import Space
from modelcollapse.theory.exact.gaussian import Gaussian
from modelcollapse.theory.exact.network import Network
from modelcollapse.theory.exact.pairings import cycles
from modelcollapse.theory.exact.words import pairing_sum
from modelcollapse.theory.problem import SpecificationError
from modelcollapse.theory.problem import notation as x
from modelcollapse.theory.rules.trace import Trace

from .long_way import Plain, expectation, positive

SIZES = {"rows": 2, "directions": 3}
NUMBER_SPACES = {name: Space(name, size) for name, size in SIZES.items()}
ROOTS = {  # small whole numbers, so that words of six letters are exact in float64
    "X": Plain(np.array([[1, 0], [2, 1]]), np.array([[1, 0, 0], [1, 1, 0], [0, -1, 2]])),
    "Y": Plain(np.array([[1, 1], [0, 2]]), np.array([[2, 0, 1], [0, 1, 0], [1, 0, 0]])),
    "Z": Plain(np.array([[1, 0, 0], [0, 1, 1], [1, 0, 1]]), np.array([[0, 1, 0], [1, 0, 0], [0, 2, 1]])),
}
SIDES = {"X": ("rows", "directions"), "Y": ("rows", "directions"), "Z": ("directions", "directions")}
LEVEL, AGE = x.s, x.spectral("a")
SYMBOLS = {"rows": AGE, "directions": LEVEL}
SYMBOL_SPACES = {
    "rows": Space("rows", x.rows, (AGE,)),
    "directions": Space("directions", x.rank, (LEVEL,)),
}
LEVELS = {AGE: np.array([2, 3]), LEVEL: np.array([1, 2, 4])}


def sides(letter):
    """The spaces to the left and to the right of a letter."""
    return SIDES[letter.rstrip("'")][:: -1 if letter.endswith("'") else 1]


def numbered():
    """The letters with matrices for covariances."""
    found = {}
    for name, plain in ROOTS.items():
        rows, columns = (NUMBER_SPACES[side] for side in SIDES[name])
        found[name] = Gaussian(name, rows, columns, positive(plain.left), positive(plain.right))
    return found | {f"{name}'": letter.T for name, letter in found.items()}


def lettered(*, numbers):
    """The letters with functions of the eigenvalue for covariances, or with their values on the diagonal."""
    spaces = NUMBER_SPACES if numbers else SYMBOL_SPACES
    found = {}
    for name, (rows, columns) in SIDES.items():
        covariances = (function(SYMBOLS[rows] + 1, numbers), function(SYMBOLS[columns] ** 2, numbers))
        found[name] = Gaussian(name, spaces[rows], spaces[columns], *covariances)
    return found | {f"{name}'": letter.T for name, letter in found.items()}


def function(expression, numbers):
    """A function of the eigenvalue, or a diagonal matrix of its values."""
    if not numbers:
        return expression
    [symbol] = expression.free_symbols
    return np.diag([float(expression.subs(symbol, int(value))) for value in LEVELS[symbol]])


def evaluated(expression):
    """An expression in traces over the eigenvalues of either space, as a number."""

    def summed(argument):
        [symbol] = argument.free_symbols
        return sum(argument.subs(symbol, int(value)) for value in LEVELS[symbol])

    expression = sympy.sympify(expression, strict=True).replace(Trace, summed)
    return expression.subs({x.rows: SIZES["rows"], x.rank: SIZES["directions"]})


@st.composite
def words(draw, most=4):
    """Letters that fit one another around a ring: any, closed by X' where needed, or some and then their transposes."""
    mirrored = draw(st.booleans())
    space, letters = "directions", []
    for _ in range(draw(st.integers(1, most // 2 if mirrored else most))):
        letter = draw(st.sampled_from([one for one in ("X'", "Y'", "Z", "Z'", "X", "Y") if sides(one)[0] == space]))
        letters.append(letter)
        space = sides(letter)[1]
    if mirrored:
        return [*letters, *(letter.rstrip("'") if "'" in letter else f"{letter}'" for letter in reversed(letters))]
    return letters if space == "directions" else [*letters, "X"]


def matrices(draw, letters):
    """A whole-numbered matrix for behind every letter."""
    shapes = [SIZES[sides(letter)[1]] for letter in letters]
    entries = st.integers(-2, 2)
    return [np.array(draw(st.lists(entries, min_size=n * n, max_size=n * n))).reshape(n, n) for n in shapes]


def interleaved(letters, factors, known):
    return [part for letter, factor in zip(letters, factors, strict=True) for part in (known[letter], factor)]


@settings(max_examples=20)
@given(st.data())
def test_a_word_is_the_sum_over_all_entries(data):
    letters = data.draw(words(4))
    factors = matrices(data.draw, letters)
    assert pairing_sum(*interleaved(letters, factors, numbered())) == expectation(letters, factors, ROOTS)


@pytest.mark.parametrize(
    "letters", [["X'", "X", "X'", "X"], ["X'", "Y", "X'", "Y"], ["Z", "Z", "Z", "Z"], ["Z", "Z'", "X'", "X"]]
)
def test_four_letters_are_the_sum_over_all_entries(letters):
    rng = np.random.default_rng(5)
    factors = [rng.integers(-2, 3, (SIZES[sides(letter)[1]],) * 2) for letter in letters]
    assert pairing_sum(*interleaved(letters, factors, numbered())) == expectation(letters, factors, ROOTS)


@settings(max_examples=30)
@given(st.data(), st.booleans())
def test_the_place_where_a_word_begins_does_not_matter(data, leading):
    letters = data.draw(words(6))
    parts = interleaved(letters, matrices(data.draw, letters), numbered())
    start = data.draw(st.integers(0, len(parts)))
    assert pairing_sum(*parts, leading=leading) == pairing_sum(*parts[start:], *parts[:start], leading=leading)


@settings(max_examples=30)
@given(st.data(), st.booleans())
def test_the_transpose_has_the_same_trace(data, leading):
    letters = data.draw(words(6))
    parts = interleaved(letters, matrices(data.draw, letters), numbered())
    transposed = [part.T for part in reversed(parts)]
    assert pairing_sum(*parts, leading=leading) == pairing_sum(*transposed, leading=leading)


@settings(max_examples=30)
@given(words(6), st.booleans())
def test_symbols_and_numbers_agree(letters, leading):
    functions = [SYMBOLS[sides(letter)[1]] + index for index, letter in enumerate(letters)]
    symbolic = pairing_sum(*interleaved(letters, functions, lettered(numbers=False)), leading=leading)
    arrays = [function(one, True) for one in functions]
    numeric = pairing_sum(*interleaved(letters, arrays, lettered(numbers=True)), leading=leading)
    assert int(evaluated(symbolic)) == numeric


@settings(max_examples=30)
@given(words(8))
def test_the_leading_part_is_the_highest_power_of_the_size(letters):
    """All sizes times c: at most the power m/2 + 1, and the leading sum in front of it."""
    size = sympy.Symbol("c")
    functions = [SYMBOLS[sides(letter)[1]] for letter in letters]
    parts = interleaved(letters, functions, lettered(numbers=False))
    grown = sympy.expand(pairing_sum(*parts)).replace(Trace, lambda f: size * Trace(f))
    grown = sympy.expand(grown.subs({x.rows: size * x.rows, x.rank: size * x.rank}))
    power = len(letters) // 2 + 1
    assert grown.coeff(size, power) == sympy.expand(pairing_sum(*parts, leading=True))
    assert grown == 0 or sympy.degree(grown, size) <= power


def test_leading_pairings_are_those_with_the_most_cycles(monkeypatch):
    """Counted by the cycles themselves, among all pairings of six letters of a square matrix."""
    square = Space("directions", x.rank)
    Z = Gaussian("Z", square, square)
    seen = {False: [], True: []}

    def total(self, joined):
        return [len(cycles(pairs)) for pairs in joined]

    monkeypatch.setattr(Network, "total", total)
    for leading in seen:
        seen[leading] = pairing_sum(Z, Z.T, Z, Z.T, Z, Z.T, leading=leading)
    assert seen[True] == [4] * 5
    assert len(seen[False]) == 15
    assert seen[False].count(4) == 5
    assert max(seen[False]) == 4


def test_a_covariance_is_a_root_on_either_side():
    X = numbered()["X"]
    plain = Gaussian("X", X.rows, X.columns)
    left, right = ROOTS["X"].left, ROOTS["X"].right
    colored = [left, plain, right.T]
    back = [right, plain.T, left.T]
    middle = np.arange(9.0).reshape(3, 3)
    assert pairing_sum(X, middle, X.T, X, X.T) == pairing_sum(*colored, middle, *back, *colored, *back)


def test_independent_matrices_meet_in_their_means_only():
    """E tr(X'X A Y'Y B) = tr(E X'X A E Y'Y B)."""
    known = numbered()
    A, B = np.arange(9.0).reshape(3, 3), np.eye(3) + 1
    means = [np.trace(known[name].row_covariance) * known[name].column_covariance for name in "XY"]
    found = pairing_sum(known["X'"], known["X"], A, known["Y'"], known["Y"], B)
    assert found == np.trace(means[0] @ A @ means[1] @ B)


@pytest.mark.parametrize("leading", [True, False])
def test_an_odd_number_of_one_matrix_has_mean_zero(leading):
    known = numbered()
    assert pairing_sum(known["X'"], known["Y"], leading=leading) == 0
    assert pairing_sum(known["Z"], leading=leading) == 0


def test_factors_multiply_and_numbers_count():
    known = numbered()
    A, B = np.arange(9.0).reshape(3, 3), np.eye(3) + 1
    assert pairing_sum(A, known["X'"], known["X"], B) == pairing_sum(known["X'"], 2, known["X"], 0.5, B, A)
    sigma = x.noise**2
    assert pairing_sum(known["X'"], sigma, known["X"]) == sigma * pairing_sum(known["X'"], known["X"])


SQUARE = Space("directions", 3)
X3 = Gaussian("X", Space("rows", 2), SQUARE)
BAD = {
    "no letter": lambda: pairing_sum(np.eye(3)),
    "letters that do not fit": lambda: pairing_sum(X3, X3),
    "another size": lambda: pairing_sum(X3.T, X3, np.eye(2)),
    "not a number": lambda: pairing_sum(X3.T, X3, np.nan),
    "a word": lambda: pairing_sum(X3.T, X3, "s"),
    "a masked array": lambda: pairing_sum(X3.T, X3, np.ma.masked_array(np.eye(3))),
    "a ragged list": lambda: pairing_sum(X3.T, X3, [[1, 2], [3]]),
    "complex entries": lambda: pairing_sum(X3.T, X3, 1j * np.eye(3)),
    "an eigenvalue that the space does not know": lambda: pairing_sum(X3.T, X3, x.s),
    "functions and matrices": lambda: pairing_sum(
        *(lambda X: (X.T, X))(Gaussian("X", Space("rows", 2), Space("directions", 3, (x.s,)))), np.eye(3), x.s
    ),
    "two matrices of one name": lambda: pairing_sum(X3.T, Gaussian("X", X3.rows, SQUARE, column_covariance=2)),
    "too many letters": lambda: pairing_sum(*[X3.T, X3] * 7),
    "too many letters to leading order": lambda: pairing_sum(*[X3.T, X3] * 10, leading=True),
    "no space": lambda: Gaussian("X", 3, SQUARE),
    "no size": lambda: Space("rows", 0),
    "a negative variance": lambda: Gaussian("X", SQUARE, SQUARE, -1),
    "a negative symbol": lambda: Gaussian("X", SQUARE, SQUARE, -x.noise),
    "a covariance that is not symmetric": lambda: Gaussian("X", SQUARE, SQUARE, np.triu(np.ones((3, 3)))),
    "a covariance with a negative eigenvalue": lambda: Gaussian("X", SQUARE, SQUARE, np.ones((3, 3)) - np.eye(3)),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_word_is_refused(case):
    with pytest.raises(SpecificationError, match="allowed: "):
        BAD[case]()


def test_a_covariance_may_carry_the_rounding_of_its_making():
    root = np.random.default_rng(3).standard_normal((3, 3))
    rounded = root @ np.diag([1.0, 0.5, 0.0]) @ root.T
    Gaussian("X", SQUARE, SQUARE, rounded)
    off = rounded.copy()
    off[0, 1] += 1e-6
    with pytest.raises(SpecificationError, match="symmetric"):
        Gaussian("X", SQUARE, SQUARE, off)
