"""How derivations grow with the number of generations: nothing is expanded.

Ridge on fresh rows, every generation labelled by the one before (all labels' parts apart, so that n generations have
n + 1 results):

      n   nodes   unknowns   terms
      1      11         13      44
      2      22         30      98
      3      36         52     171
      5      73        111     382
     10     218        346    1382

which is 2 nodes = 3 n^2 + 13 n + 6, 2 unknowns = 5 n^2 + 19 n + 2, 6 terms = 2 n^3 + 45 n^2 + 175 n + 42. The sum of
all parts alone would expand to some 4^n terms.

From three generations on, the theorem that is printed passes the weight of the error back through one rule for each
generation: linear in everything.

Ridge on all rows so far has no such law: a generation is labelled by the model of each earlier one, and the transposed
estimator is followed along every path down the generations. Its nodes grow by a factor 1.6 with each generation:

      n   nodes   unknowns   terms
      1      11         13      44
      2      26         47     205
      3      52        120     639
      4      94        256    1635
      5     160        489    3750
"""

import numpy as np
import pytest
import sympy

from modelcollapse.theory import derive
from modelcollapse.theory.algebra.dyson import dyson
from modelcollapse.theory.algebra.pencil import pencil
from modelcollapse.theory.rules.trace import Trace

from .examples import accumulation, chain

MOST = 10
ACCUMULATED = [(11, 13, 44), (26, 47, 205), (52, 120, 639), (94, 256, 1635), (160, 489, 3750)]


def counts(traces):
    made = pencil(traces.parts)
    program = dyson(made)
    return made.size, program.unknowns, program.terms


def table(rows):
    lines = ["  n   nodes   unknowns   terms"]
    lines += [f"{n:3d}{nodes:8d}{unknowns:11d}{terms:8d}" for n, (nodes, unknowns, terms) in enumerate(rows, 1)]
    return "\n".join(lines)


@pytest.fixture(scope="module")
def ridge_chain():
    return [counts(chain(n)) for n in range(1, MOST + 1)]


@pytest.mark.parametrize(("column", "degree"), [(0, 2), (1, 2), (2, 3)], ids=["nodes", "unknowns", "terms"])
def test_a_ridge_chain_grows_like_a_polynomial(ridge_chain, column, degree):
    """Differences of that order are constant, so those of the next one vanish."""
    print(table(ridge_chain))
    values = [row[column] for row in ridge_chain]
    assert set(np.diff(values, degree + 1)) == {0}
    assert len(set(np.diff(values, degree))) == 1


def test_the_law_of_a_ridge_chain(ridge_chain):
    for n, (nodes, unknowns, terms) in enumerate(ridge_chain, 1):
        assert 2 * nodes == 3 * n**2 + 13 * n + 6
        assert 2 * unknowns == 5 * n**2 + 19 * n + 2
        assert 6 * terms == 2 * n**3 + 45 * n**2 + 175 * n + 42


def test_no_exponential_swell_of_a_ridge_chain(ridge_chain):
    """Slopes in doubly logarithmic scale stay below the degree."""
    generations = np.log(np.arange(1, MOST + 1))
    slopes = np.diff(np.log(ridge_chain), axis=0) / np.diff(generations)[:, None]
    assert np.all(slopes <= [2, 2, 3])
    assert np.all(slopes[-1] >= 1.5)


def test_accumulation_grows_no_faster_than_known():
    rows = [counts(accumulation(n)) for n in range(1, len(ACCUMULATED) + 1)]
    print(table(rows))
    assert np.all(np.array(rows) <= ACCUMULATED)


def theorem(n):
    """Distinct traces, and terms of all equations and parts, of the theorem that is printed."""
    derived = derive(chain(n))
    bodies = [*(body for _, body in derived.definitions), *derived.parts.values()]
    traces = set().union(*(body.atoms(Trace) for body in bodies))
    return len(derived.definitions), len(traces), sum(len(sympy.Add.make_args(sympy.expand(body))) for body in bodies)


def test_printed_theorems_grow_linearly_from_three_generations_on():
    """One more generation is one more rule, counted by hand.

    Seven equations: 1 term for lambda, 2 for T, 1 for p, 1 for q, 2 for P, 1 for Q, 2 for B. One term of the bias and
    one part for the noise. Four traces: of q, p q, q^2 B and p^2 Q^2 tau.
    """
    rows = [theorem(n) for n in range(3, MOST + 1)]
    print("  n  equations     traces      terms")
    for n, row in enumerate(rows, 3):
        print(f"{n:3d}" + "".join(f"{count:11d}" for count in row))
    assert {tuple(row) for row in np.diff(rows, axis=0)} == {(7, 4, 12)}
