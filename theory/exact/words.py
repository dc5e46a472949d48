r"""Expectations of words in Gaussian matrices by Wick's rule: exact at finite size, or to leading order.

A word is a cyclic product of letters X, X' of independent Gaussian matrices, with deterministic factors A_i between
them. With E X_ai X_bj = R_ab C_ij, every way to pair the letters, each with one of the same matrix, contributes a
product of traces: a pair of X with X' joins the left end of one letter to the right end of the other and puts C or R
between the factors that meet there; a pair of X with X joins left to left and right to right, so that the factors
beyond are read transposed. Hence

    E tr(L_1 A_1 ... L_m A_m) = sum over pairings of prod over cycles of tr(...).

A pairing closes the ring of m letters into a surface with m/2 edges and as many vertices as there are cycles, so there
are at most m/2 + 1 cycles, for the sphere. Where all sizes grow in proportion every trace is of the order of the size:
the leading pairings are those with m/2 + 1 cycles, and these are the ones without crossings, of X with X' only. The
others are smaller by a power of the size, by two for untwisted handles and by one for a twist.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ..problem.errors import SpecificationError
from .factor import Factor, factor
from .gaussian import Gaussian
from .network import Network
from .pairings import Pairs, count_pairings, pairings, planar_pairings

MOST_PAIRINGS = 10395  # twelve letters of one matrix
MOST_LEADING_LETTERS = 18  # at most 4862 pairings without crossings


def pairing_sum(*parts: Any, leading: bool = False) -> Any:
    """The expectation of the trace of a product of Gaussian matrices and deterministic factors.

    $$ E tr(L_1 A_1 ... L_m A_m) = sum_{pairings} prod_{cycles} tr(...) $$

    Args:
        parts: the word from left to right: `Gaussian` letters, at least one, and between them any number of factors,
            each a number, a SymPy function of the symbols of the space it stands on, or an array of shape (size, size).
            The word is a ring: what stands before the first letter acts where what stands behind the last one does.
        leading: only the pairings that survive where all sizes grow in proportion.

    Returns:
        A number where everything is given in numbers; else a SymPy expression in the sizes and in `Trace` atoms of each
        space's symbols. 0 where some matrix stands an odd number of times.

    Raises:
        SpecificationError: for letters that do not fit one another, a factor that does not fit its space, two matrices
            of one name, and words with more than 10395 pairings (leading: more than 18 letters).

    Valid when: the matrices are independent and Gaussian, and the factors do not depend on them.
    Source: derived in theory/exact/words.py (Wick's rule).

    Two designs with n and m rows and one covariance; each is paired with itself only:

    >>> from modelcollapse.theory.exact.factor import Space
    >>> from modelcollapse.theory.problem import notation as n
    >>> directions = Space("directions", n.rank, (n.s,))
    >>> X = Gaussian("X", Space("old rows", n.rows), directions, column_covariance=n.s)
    >>> Y = Gaussian("Y", Space("new rows", n.new_rows), directions, column_covariance=n.s)
    >>> pairing_sum(X.T, X, Y.T, Y)
    m*n*tr[s**2]
    >>> pairing_sum(X.T, X, X.T, X)
    n**2*tr[s**2] + n*tr[s]**2 + n*tr[s**2]
    >>> pairing_sum(X.T, X, X.T, X, leading=True)
    n**2*tr[s**2] + n*tr[s]**2

    A square matrix may be paired with itself read the same way, which no leading pairing does:

    >>> Z = Gaussian("Z", directions, directions)
    >>> pairing_sum(Z, Z), pairing_sum(Z, Z, leading=True)
    (r, 0)
    """
    letters, factors = _read(parts)
    matrices = [letter.matrix for letter in letters]
    if leading and len(letters) > MOST_LEADING_LETTERS:
        raise SpecificationError("parts", len(letters), f"at most {MOST_LEADING_LETTERS} letters")
    if not leading and count_pairings(matrices) > MOST_PAIRINGS:
        raise SpecificationError("parts", len(letters), f"letters with at most {MOST_PAIRINGS} pairings (12 of a kind)")
    network = Network(
        [(letter.right, one) for letter, one in zip(letters, factors, strict=True)],
        [end for letter, other in _neighbours(letters) for end in (letter.ends()[1], other.ends()[0])],
    )
    return network.total(_joined(letters, pairing) for pairing in _pairings(letters, matrices, leading))


def _pairings(letters: Sequence[Gaussian], matrices: Sequence[Gaussian], leading: bool) -> Iterable[Pairs]:
    numbers = [matrices.index(matrix) for matrix in matrices]
    if not leading:
        return pairings(numbers)
    ways = [letter.transposed for letter in letters]
    return planar_pairings(len(letters), lambda i, j: numbers[i] == numbers[j] and ways[i] != ways[j])


def _joined(letters: Sequence[Gaussian], pairing: Pairs) -> Pairs:
    """Pairs of letters as pairs of the nodes at their ends: letter i has node 2i - 1 on its left, 2i on its right."""
    nodes = 2 * len(letters)
    joined: list[tuple[int, int]] = []
    for i, j in pairing:
        lefts, rights = ((2 * i - 1) % nodes, (2 * j - 1) % nodes), (2 * i, 2 * j)
        if letters[i].transposed == letters[j].transposed:
            joined += [lefts, rights]
        else:
            joined += [(lefts[0], rights[1]), (rights[0], lefts[1])]
    return tuple(joined)


def _neighbours(letters: Sequence[Gaussian]) -> Iterator[tuple[Gaussian, Gaussian]]:
    return zip(letters, (*letters[1:], letters[0]), strict=True)


def _read(parts: Sequence[Any]) -> tuple[tuple[Gaussian, ...], tuple[Factor, ...]]:
    """The letters, and the product of the factors behind each of them, up to the next."""
    first = next((index for index, part in enumerate(parts) if isinstance(part, Gaussian)), None)
    if first is None:
        raise SpecificationError("parts", parts, "a word with at least one Gaussian letter")
    letters: list[Gaussian] = []
    factors: list[Factor] = []
    for part in (*parts[first:], *parts[:first]):
        if isinstance(part, Gaussian):
            letters.append(part)
            factors.append(Factor())
        else:
            factors[-1] @= factor("parts", part, letters[-1].right)
    _require_one_matrix_for_each_name(letters)
    for letter, other in _neighbours(letters):
        if letter.right != other.left:
            raise SpecificationError("parts", other, f"behind {letter.name}, a letter with {letter.right} on its left")
    return tuple(letters), tuple(factors)


def _require_one_matrix_for_each_name(letters: Sequence[Gaussian]) -> None:
    named = {letter.name: letter.matrix for letter in letters}
    for letter in letters:
        if letter.matrix != named[letter.name]:
            raise SpecificationError("parts", letter, f"one matrix of the name {letter.name}")
