"""The source as data: every module with its syntax tree and the modules that it imports."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = ("theory", "numerics", "validation")


@dataclass(frozen=True)
class Module:
    """One source file under its import name, such as modelcollapse.theory.problem.chain."""

    name: str
    path: Path
    text: str
    tree: ast.Module

    @property
    def package(self) -> str:
        return self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]

    def imports(self) -> Iterator[tuple[str, str | None]]:
        """Every (module, name) that is imported, inside functions too; name is None for `import module`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((alias.name, None) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = self._absolute(node)
                yield from ((base, alias.name) for alias in node.names)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if node.level == 0:
            return node.module or ""
        parents = self.package.split(".")
        return ".".join([*parents[: len(parents) - node.level + 1], *([node.module] if node.module else [])])


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def project_files() -> list[Path]:
    """All files of the project, relative to its root: those of version control and new ones that are not ignored."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [Path(name) for name in sorted(set(listed)) if (ROOT / name).exists()]


@pytest.fixture(scope="session")
def modules(project_files: list[Path]) -> dict[str, Module]:
    """Every source module of the package by its import name."""
    found = {}
    for path in project_files:
        if path.suffix == ".py" and path.parts[0] in (*PARTS, "modelcollapse"):
            text = (ROOT / path).read_text()
            parts = [part for part in path.with_suffix("").parts if part != "__init__"]
            name = ".".join(parts if parts[0] == "modelcollapse" else ["modelcollapse", *parts])
            found[name] = Module(name, path, text, ast.parse(text))
    assert len(found) > 10
    return found


@pytest.fixture(scope="session")
def graph(modules: dict[str, Module]) -> dict[str, set[str]]:
    """Which module of the package imports which, by name."""

    def target(base: str, name: str | None) -> str | None:
        return next((candidate for candidate in (f"{base}.{name}", base) if candidate in modules), None)

    return {
        module.name: {found for base, name in module.imports() if (found := target(base, name)) is not None}
        for module in modules.values()
    }
