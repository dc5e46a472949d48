r"""The matrix Dyson equation of a pencil, as a straight-line program.

With G = E Q^{-1}, in the limit of proportional sizes,

    G = (F - R)^{-1},    R_ij = sum over pairs (l X r in entry (i,k), l' X' r' in entry (m,j)) of l r' C_out t,
    t = tr [r l' C_in G_km],

C_out and C_in the covariances of X outside and inside. Pairs of X with X are smaller by a factor of the size, and
dropped. G is block diagonal over spaces. Its zero pattern is the least fixed point of "G is nonzero along paths of
F - R, R is nonzero where its G is". Blocks of nodes that reach each other are inverted symbolically (one or two nodes
in practice); all other entries follow by

    G_ij = - sum_{a in block of i} H_ia sum_b (F - R)_ab G_bj,    H the inverse of the block,

each named, never expanded: expanded results grow like 4^N with the number N of generations.
"""

from __future__ import annotations

from typing import TypeAlias

from ..problem.errors import Swell
from .components import strongly_connected
from .expression import Space
from .merging import merged, ordered_blocks
from .pencil import Pencil, RandomTerm
from .polynomial import ONE_POLYNOMIAL, ZERO, Letter, Monomial, Polynomial, total
from .program import Definition, Program, Sort, Target

MOST_TRACES = 6000  # a minute's work; chains whose generations share all rows need some ten times more for each two

Entry: TypeAlias = tuple[int, int]
TraceKey: TypeAlias = tuple[Space, Monomial, int, int]


def dyson(pencil: Pencil) -> Program:
    """The program that evaluates the outputs of a pencil.

    >>> from .model import Model, inv
    >>> from .pencil import pencil
    >>> m = Model(); X = m.design("X", "T")
    >>> print(dyson(pencil([("trace", inv(X.T @ X + "lambda"))])))
    #h1 = 1/(#t0*s + lambda)
    #h2 = 1/(#t1 + 1)
    #t0 = tr_T[#h2]
    #t1 = tr_d[#h1*s]
    trace = tr_d[#h1]
    """
    return merged(_Equation(pencil).program())


class _Equation:
    """Entries of F - R and of its inverse, made as they are asked for."""

    def __init__(self, pencil: Pencil) -> None:
        self.pencil = pencil
        self.definitions: dict[Letter, Definition] = {}
        self._pairs = _pairs(pencil)
        self._reach = _reachability(pencil, self._pairs)
        self._rows: dict[int, list[int]] = {}
        self._entries: dict[Entry, Polynomial] = {}
        self._inverse: dict[Entry, Polynomial] = {}
        self._traces: dict[TraceKey, Letter] = {}
        self._traces_made: dict[Letter, TraceKey] = {}
        self._pending: list[tuple[Letter, TraceKey]] = []
        self._by_entry: dict[Entry, list[tuple[RandomTerm, RandomTerm]]] = {}
        for first, second in self._pairs:
            if self._nonzero(first.column, second.row):
                self._by_entry.setdefault((first.row, second.column), []).append((first, second))
        edges: dict[int, list[int]] = {node: [] for node in range(pencil.size)}
        for i, j in dict.fromkeys((*pencil.fixed, *self._by_entry)):
            edges[i].append(j)
        self._edges = edges
        self._block_of = {node: tuple(sorted(block)) for block in strongly_connected(edges) for node in block}

    def program(self) -> Program:
        """Definitions of all that the outputs need."""
        targets = []
        for name, source, coefficients in self.pencil.outputs:
            body = total(factor * self.inverse(node, source) for node, factor in coefficients.items())
            targets.append(Target(name, self.pencil.spaces[source], body))
        while self._pending:
            letter, (space, monomial, k, m) = self._pending.pop()
            body = Polynomial({monomial: 1}) * self.inverse(k, m)
            self.definitions[letter] = Definition(letter, Sort.TRACE, space, body)
        return Program(ordered_blocks(self.definitions), tuple(targets), dict(self.pencil.spectral))

    def inverse(self, i: int, j: int) -> Polynomial:
        """G_ij, as a polynomial in names."""
        if not self._nonzero(i, j):
            return ZERO
        if (i, j) in self._inverse:
            return self._inverse[i, j]
        block = self._block_of[i]
        if j in block:
            value = self._inside(block, i, j)
        else:
            terms = []
            for a in block:
                inside = self._inside(block, i, a)
                for b in self._edges[a] if inside else ():
                    if b not in block and self._nonzero(b, j):
                        terms.append(-(inside * self.entry(a, b) * self.inverse(b, j)))
            value = self._named(f"#g{i}_{j}", Sort.ENTRY, i, total(terms))
        self._inverse[i, j] = value
        return value

    def entry(self, i: int, j: int) -> Polynomial:
        """(F - R)_ij."""
        if (i, j) not in self._entries:
            terms = [self.pencil.fixed.get((i, j), ZERO)]
            for first, second in self._by_entry.get((i, j), ()):
                terms.append(-self._covariance(first, second))
            entry = total(terms)
            inside = self._block_of[i] == self._block_of[j]
            self._entries[i, j] = entry if inside else self._named(f"#m{i}_{j}", Sort.ENTRY, i, entry)
        return self._entries[i, j]

    def _covariance(self, first: RandomTerm, second: RandomTerm) -> Polynomial:
        """One term of R: l r' C_out times traces, with constants taken out of the traces."""
        matrix = first.matrix
        inside, outside = matrix.column_covariance, matrix.row_covariance
        if matrix.transposed:
            inside, outside = outside, inside
        weight = first.right * second.left * inside
        space = self.pencil.spaces[first.column]
        own = [letter for letter in weight.letters if self.pencil.spectral.get(letter) == space]
        traces = total(
            constant * Polynomial.letter(self._trace((space, monomial, first.column, second.row)))
            for monomial, constant in weight.split(own).items()
        )
        return first.left * second.right * outside * traces

    def _trace(self, key: TraceKey) -> Letter:
        if key not in self._traces:
            if len(self._traces) == MOST_TRACES:
                raise Swell("unknown traces", MOST_TRACES + 1, MOST_TRACES)
            letter = f"#t{len(self._traces)}"
            self._traces[key] = letter
            self._traces_made[letter] = key
            self._pending.append((letter, key))
        return self._traces[key]

    def _inside(self, block: tuple[int, ...], i: int, j: int) -> Polynomial:
        """An entry of the inverse of a diagonal block: cofactor times the resolvent 1/det."""
        determinant = _determinant(self, block, block)
        known = len(determinant.terms) == 1 and determinant.letters.isdisjoint(self._traces_made)
        resolvent = determinant**-1 if known else self._named(f"#h{block[0]}", Sort.RESOLVENT, i, determinant)
        sign = (-1) ** (block.index(i) + block.index(j))
        minor = _determinant(self, _without(block, j), _without(block, i))
        return Polynomial.number(sign) * minor * resolvent

    def _named(self, letter: Letter, sort: Sort, node: int, body: Polynomial) -> Polynomial:
        if sort is Sort.ENTRY and len(body.terms) <= 1:
            return body  # a monomial is as short as a name for it
        self.definitions.setdefault(letter, Definition(letter, sort, self.pencil.spaces[node], body))
        return Polynomial.letter(letter)

    def _nonzero(self, i: int, j: int) -> bool:
        return bool(self._reach[i] >> j & 1)


def _determinant(equation: _Equation, rows: tuple[int, ...], columns: tuple[int, ...]) -> Polynomial:
    """Row by row, each set of columns once: blocks have one or two nodes in practice, but nested inverses have ten."""
    minors: dict[tuple[int, ...], Polynomial] = {(): ONE_POLYNOMIAL}

    def minor(left: tuple[int, ...]) -> Polynomial:
        if left not in minors:
            row = rows[len(rows) - len(left)]
            terms = []
            for position, column in enumerate(left):
                entry = equation.entry(row, column)
                if entry:
                    rest = minor(_without(left, column))
                    terms.append(Polynomial.number((-1) ** position) * entry * rest)
            minors[left] = total(terms)
        return minors[left]

    return minor(columns)


def _without(block: tuple[int, ...], node: int) -> tuple[int, ...]:
    return tuple(other for other in block if other != node)


def _pairs(pencil: Pencil) -> list[tuple[RandomTerm, RandomTerm]]:
    """Every term in X with every term in X'."""
    by_name: dict[tuple[str, bool], list[RandomTerm]] = {}
    for term in pencil.random:
        by_name.setdefault((term.matrix.name, term.matrix.transposed), []).append(term)
    return [
        (first, second)
        for (name, transposed), terms in by_name.items()
        for first in terms
        for second in by_name.get((name, not transposed), ())
    ]


def _reachability(pencil: Pencil, pairs: list[tuple[RandomTerm, RandomTerm]]) -> list[int]:
    """Bit j of entry i: whether G_ij is nonzero; the least fixed point."""
    edges = [1 << node for node in range(pencil.size)]
    for i, j in pencil.fixed:
        edges[i] |= 1 << j
    reach = _closure(edges)
    waiting = pairs
    while True:
        live = [pair for pair in waiting if reach[pair[0].column] >> pair[1].row & 1]
        if not live:
            return reach
        waiting = [pair for pair in waiting if not reach[pair[0].column] >> pair[1].row & 1]
        for first, second in live:
            edges[first.row] |= 1 << second.column
        reach = _closure(edges)


def _closure(edges: list[int]) -> list[int]:
    """Transitive closure of a graph in bits."""
    reach = list(edges)
    for middle in range(len(reach)):
        mask = 1 << middle
        through = reach[middle]
        for node, known in enumerate(reach):
            if known & mask:
                reach[node] = known | through
    return reach
