"""Theory and simulation are independent witnesses; within theory, imports only go down."""

import ast
import graphlib
import sys

FLOORS = {
    "problem": 0,
    "results": 0,
    "algebra": 1,
    "rules": 1,
    "exact": 1,
    "chains": 2,
    "statements": 3,
    "asymptotics": 3,
    "remedies": 4,
    "evaluation": 4,
}


def part_of(name: str) -> str:
    """theory, numerics or validation; empty for the front door."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in ("theory", "numerics", "validation") else ""


def folder_of(name: str) -> str:
    """The folder inside a part; empty for files directly in it."""
    return (*name.split("."), "", "")[2]


def edges(graph, part):
    return [(source, target) for source in graph if part_of(source) == part for target in sorted(graph[source])]


def test_every_folder_of_theory_has_a_floor(modules):
    folders = {folder_of(name) for name in modules if part_of(name) == "theory"} - {""}
    assert "problem" in folders
    assert folders <= set(FLOORS)


def test_theory_imports_the_same_floor_or_a_lower_one(graph):
    climbing = [
        (source, target)
        for source, target in edges(graph, "theory")
        if folder_of(source) and FLOORS[folder_of(target)] > FLOORS[folder_of(source)]
    ]
    assert climbing == []


def test_theory_imports_only_theory(graph):
    assert [(source, target) for source, target in edges(graph, "theory") if part_of(target) != "theory"] == []


def test_numerics_imports_only_the_specification_of_theory(graph):
    """And how results are shown and kept, which holds no formula."""
    allowed = ("modelcollapse.theory.problem", "modelcollapse.theory.results")
    foreign = [
        (source, target)
        for source, target in edges(graph, "numerics")
        if part_of(target) != "numerics" and not target.startswith(allowed)
    ]
    assert foreign == []


def test_nothing_imports_the_front_door(graph):
    assert [name for name in graph if part_of(name) and "modelcollapse" in graph[name]] == []


def test_inside_the_parts_imports_are_relative(modules):
    absolute = [
        module.name
        for module in modules.values()
        if part_of(module.name)
        for node in ast.walk(module.tree)
        for name in absolute_imports(node)
        if name.split(".")[0] == "modelcollapse"
    ]
    assert absolute == []


def absolute_imports(node):
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.level == 0 else []


def test_the_specification_needs_only_the_standard_library_and_numpy(modules):
    """Symbols, the writer of files, tables of results and progress bars import theirs when first asked for."""
    allowed = {*sys.stdlib_module_names, "numpy", "modelcollapse"}
    foreign = [
        (module.name, base)
        for module in modules.values()
        if module.name.startswith(("modelcollapse.theory.problem", "modelcollapse.theory.results"))
        and not module.name.endswith((".notation", ".interchange.writing", ".results.labelled", ".results.progress"))
        for base, _ in module.imports()
        if base.split(".")[0] not in allowed
    ]
    assert foreign == []


def test_only_validation_plots(modules):
    assert importers(modules, "matplotlib") & {"theory", "numerics"} == set()


def test_the_simulator_never_sees_a_formula(modules):
    assert importers(modules, "sympy") & {"numerics"} == set()


def importers(modules, library):
    """The parts of the package that import `library`."""
    return {
        part_of(module.name)
        for module in modules.values()
        for base, _ in module.imports()
        if base.split(".")[0] == library
    }


def test_no_import_cycles(graph):
    order = graphlib.TopologicalSorter({name: graph[name] - {name} for name in graph if name != "modelcollapse"})
    assert tuple(order.static_order())  # raises CycleError, which names the cycle
