"""One concept a file, short functions, and tests where the source is."""

import ast
from pathlib import Path

import numpy as np

PARTS = ("theory", "numerics", "validation")


def test_no_file_is_longer_than_400_lines(project_files, root):
    lengths = {path: (root / path).read_text().count("\n") for path in project_files if path.suffix == ".py"}
    assert [path for path, lines in lengths.items() if lines > 400] == []


def test_the_median_file_has_at_most_200_lines(modules):
    assert np.median([module.text.count("\n") for module in modules.values()]) <= 200


def test_functions_are_short(modules):
    lengths = [
        node.end_lineno - node.lineno + 1
        for module in modules.values()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert len(lengths) > 50
    assert np.percentile(lengths, 95) <= 60


def test_test_folders_mirror_source_folders(project_files, root):
    folders = {path.parent for path in project_files if path.parts[0] == "tests" and path.suffix == ".py"}
    mirrored = {folder.relative_to("tests") for folder in folders} - {Path("."), Path("structure")}
    assert [folder for folder in sorted(mirrored) if not (root / folder).is_dir()] == []
    assert {folder.parts[0] for folder in mirrored} <= {*PARTS, "modelcollapse"}


def test_every_source_folder_is_a_package(modules, root):
    folders = {module.path.parent for module in modules.values()}
    assert [folder for folder in sorted(folders) if not (root / folder / "__init__.py").exists()] == []
