"""Strongly connected components: the classes of mutual reachability, in the order of dependence."""

from hypothesis import given
from hypothesis import strategies as st

from modelcollapse.theory.algebra.components import strongly_connected

GRAPHS = st.integers(0, 9).flatmap(
    lambda size: st.fixed_dictionaries({node: st.lists(st.integers(0, size - 1)) for node in range(size)})
)


def reachable(edges):
    """All pairs (a, b) with a path from a to b, by adding one edge at a time."""
    pairs = {(node, node) for node in edges} | {(a, b) for a, others in edges.items() for b in others}
    while True:
        longer = pairs | {(a, d) for a, b in pairs for c, d in pairs if b == c}
        if longer == pairs:
            return pairs
        pairs = longer


@given(GRAPHS)
def test_a_component_is_a_class_of_mutual_reachability(edges):
    pairs = reachable(edges)
    for component in strongly_connected(edges):
        for node in component:
            assert set(component) == {other for other in edges if (node, other) in pairs and (other, node) in pairs}


@given(GRAPHS)
def test_every_node_is_in_one_component(edges):
    assert sorted(node for component in strongly_connected(edges) for node in component) == sorted(edges)


@given(GRAPHS)
def test_a_component_comes_after_all_that_it_points_to(edges):
    place = {node: k for k, component in enumerate(strongly_connected(edges)) for node in component}
    assert all(place[other] <= place[node] for node, others in edges.items() for other in others)


def test_long_chains_need_no_recursion():
    length = 20_000
    edges = {node: [node + 1] if node + 1 < length else [0] for node in range(length)}
    assert [len(component) for component in strongly_connected(edges)] == [length]
