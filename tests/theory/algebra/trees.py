"""Random expressions for Hypothesis, and a small random world to evaluate them in."""

import numpy as np
from hypothesis import strategies as st

from modelcollapse.theory.algebra.expression import identity, inv
from modelcollapse.theory.algebra.model import Model
from modelcollapse.theory.algebra.polynomial import Polynomial, from_sympy

from .numeric import World

SPECTRA = ("s", "s_2", "theta")
NUMBERS = ("lambda", "mu", "c")


class Vocabulary:
    """Five Gaussian matrices on four spaces, one of them square; two share their rows."""

    def __init__(self, variance=1):
        m = self.model = Model()
        scale = from_sympy("variance", variance)
        X = m.design("X", "T", m.metric * scale)
        Y = m.design("Y", "n", m.spectrum("Sigma_2") * scale)
        U = m.design("U", X.rows, scale)
        P = m.projection("P", "m", scale * Polynomial.letter("m", -1))
        Z = m.design("Z", m.features, scale + scale)
        self.gaussians = (X, Y, U, P, Z)
        self.spaces = (m.features, X.rows, Y.rows, P.rows)

    def letters(self, rows, cols):
        oriented = (*self.gaussians, *(matrix.T for matrix in self.gaussians))
        return [matrix for matrix in oriented if matrix.rows == rows and matrix.cols == cols]


@st.composite
def expressions(draw, vocabulary, rows, cols, depth):
    """An expression of this shape; depth bounds how deep sums, products, transposes and inverses are nested."""
    kinds = ["product", "sum", "transpose", "scaled", "inverse", "inverse", "inverse"] if depth else ["leaf"]
    match draw(st.sampled_from(kinds)):
        case "product":
            middle = draw(st.sampled_from(vocabulary.spaces))
            return draw(expressions(vocabulary, rows, middle, depth - 1)) @ draw(
                expressions(vocabulary, middle, cols, depth - 1)
            )
        case "sum":
            terms = [draw(expressions(vocabulary, rows, cols, depth - 1)) for _ in range(draw(st.integers(2, 3)))]
            return sum(terms[1:], terms[0])
        case "transpose":
            return draw(expressions(vocabulary, cols, rows, depth - 1)).T
        case "scaled":
            return draw(st.sampled_from([*NUMBERS, 2, -3, 0.25])) * draw(expressions(vocabulary, rows, cols, depth - 1))
        case "inverse":
            inverse = draw(inverses(vocabulary, rows, min(depth - 1, 1)))
            return inverse if rows == cols else inverse @ draw(expressions(vocabulary, rows, cols, depth - 1))
    return draw(leaves(vocabulary, rows, cols))


@st.composite
def leaves(draw, vocabulary, rows, cols):
    """A Gaussian matrix, a deterministic one, or the shortest product of this shape."""
    direct = vocabulary.letters(rows, cols)
    if rows == cols:
        direct.append(draw(deterministic(vocabulary, rows)))
    if direct:
        return draw(st.sampled_from(direct))
    features = vocabulary.model.features
    return draw(leaves(vocabulary, rows, features)) @ draw(leaves(vocabulary, features, cols))


def deterministic(vocabulary, space):
    if space != vocabulary.model.features:
        return st.sampled_from(NUMBERS).map(lambda letter: letter * identity(space))
    return st.sampled_from(SPECTRA).map(vocabulary.model.spectrum)


@st.composite
def inverses(draw, vocabulary, space, depth):
    """Of squares plus a ridge, of a product of such, or of any expression plus a ridge."""
    body = draw(ridged(vocabulary, space, depth))
    if draw(st.booleans()):
        body = body @ draw(ridged(vocabulary, space, 0))
    return inv(body)


@st.composite
def ridged(draw, vocabulary, space, depth):
    body = draw(st.sampled_from(NUMBERS)) * identity(space)
    if space == vocabulary.model.features and draw(st.booleans()):
        body = body + draw(deterministic(vocabulary, space))
    for _ in range(draw(st.integers(1, 2))):
        other = draw(st.sampled_from(vocabulary.spaces))
        square = draw(expressions(vocabulary, space, other, depth))
        body = body + square @ draw(st.sampled_from([identity(other), *positive(vocabulary, other)])) @ square.T
    return body + draw(expressions(vocabulary, space, space, depth)) if draw(st.integers(0, 4)) == 0 else body


def positive(vocabulary, space):
    return [vocabulary.model.metric] if space == vocabulary.model.features else []


@st.composite
def worlds(draw, vocabulary):
    """Sizes 2 to 5 and numbers of the order of one."""
    sizes = {letter: draw(st.integers(2, 5)) for letter in ("d", "T", "n", "m")}
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    values = {letter: random.uniform(0.5, 1.5, sizes["d"]) for letter in SPECTRA}
    values |= {letter: random.uniform(0.5, 1.5) for letter in NUMBERS} | {k: float(v) for k, v in sizes.items()}
    matrices = {
        matrix.name: random.normal(size=(sizes[matrix.outer.size], sizes[matrix.inner.size])) / 2
        for matrix in vocabulary.gaussians
    }
    return World(sizes, values, matrices)
