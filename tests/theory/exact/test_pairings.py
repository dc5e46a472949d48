"""Pairings: as many as there must be, each position once; those without crossings close the most cycles."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelcollapse.theory.exact.pairings import count_pairings, cycles, pairings, planar_pairings


@given(st.text("abc", max_size=8))
def test_every_position_is_paired_once_with_its_like(kinds):
    found = list(pairings(kinds))
    assert len(found) == len(set(found)) == count_pairings(kinds)
    for pairing in found:
        assert sorted(position for pair in pairing for position in pair) == list(range(len(kinds)))
        assert all(kinds[i] == kinds[j] for i, j in pairing)


@pytest.mark.parametrize("half", range(1, 7))
def test_double_factorials_and_catalan_numbers(half):
    assert len(list(pairings("x" * 2 * half))) == math.prod(range(1, 2 * half, 2))
    assert len(planar_pairings(2 * half, lambda i, j: True)) == math.comb(2 * half, half) // (half + 1)


def crossing(pairing):
    return any(i < k < j < m for i, j in pairing for k, m in pairing)


@pytest.mark.parametrize("kinds", ["aaaaaa", "abab", "aabbab", "abcabc", "aab", "abbaabba"])
def test_planar_pairings_are_those_without_crossings(kinds):
    found = planar_pairings(len(kinds), lambda i, j: kinds[i] == kinds[j])
    assert set(found) == {pairing for pairing in pairings(kinds) if not crossing(pairing)}


@given(st.permutations(range(12)))
def test_cycles_run_through_every_edge_once(nodes):
    joined = tuple((nodes[i], nodes[i + 1]) for i in range(0, 12, 2))
    found = cycles(joined)
    assert sorted(node // 2 for cycle in found for node in cycle) == list(range(6))
    assert all(cycle[0] % 2 == 0 and cycle[0] == min(cycle) - min(cycle) % 2 for cycle in found)
    partner = dict(joined) | {j: i for i, j in joined}
    for cycle in found:
        for node, following in zip(cycle, (*cycle[1:], cycle[0]), strict=True):
            assert partner[node ^ 1] == following
