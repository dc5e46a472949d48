"""The wheel holds every module and nothing else; the repository holds no path of a machine."""

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile

import pytest

MACHINE_PATH = re.compile(r"(?<![\w.])/(work|farm|root|tmp|home|Users)/")


@pytest.fixture(scope="module")
def wheel_names(project_files, root, tmp_path_factory):
    """The names inside a wheel that is built from a copy of the project's files."""
    copy = tmp_path_factory.mktemp("project")
    for path in project_files:
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / path, copy / path, follow_symlinks=False)
    build = "from setuptools import build_meta; print(build_meta.build_wheel('dist'))"
    done = subprocess.run([sys.executable, "-c", build], cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(copy / "dist" / done.stdout.splitlines()[-1]) as wheel:
        return set(wheel.namelist())


def test_the_wheel_holds_the_package_and_nothing_else(wheel_names, project_files):
    def inside(path):
        return path.as_posix() if path.parts[0] == "modelcollapse" else f"modelcollapse/{path.as_posix()}"

    parts = ("modelcollapse", "theory", "numerics", "validation")
    source = {path for path in project_files if path.parts[0] in parts and path.suffix}
    assert {path.suffix for path in source} <= {".py", ".html", ".css", ".typed", ".json"}
    packed = {name for name in wheel_names if ".dist-info/" not in name}
    assert packed == {inside(path) for path in source}


def test_the_wheel_is_typed_licensed_and_has_the_command(wheel_names):
    assert "modelcollapse/py.typed" in wheel_names
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in wheel_names)
    assert any(name.endswith(".dist-info/entry_points.txt") for name in wheel_names)


def test_no_file_names_a_path_of_a_machine(project_files, root):
    found = [
        f"{path}:{number}"
        for path in project_files
        if path.suffix != ".png" and (root / path).is_file() and not (root / path).is_symlink()
        for number, line in enumerate((root / path).read_text().splitlines(), 1)
        if MACHINE_PATH.search(line)
    ]
    assert found == []


def test_every_dependency_is_pinned(root):
    """constraints.txt names every dependency of pyproject.toml once for each Python version."""
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    wanted = {
        *project["dependencies"],
        *(need for extra in project["optional-dependencies"].values() for need in extra),
    }
    names = {normal(need) for need in wanted} - {"modelcollapse"}
    pins = [line for line in (root / "constraints.txt").read_text().splitlines() if line and not line.startswith("#")]
    assert all("==" in pin for pin in pins)
    assert names <= {normal(pin) for pin in pins}


def normal(requirement):
    return re.split(r"[^A-Za-z0-9._-]", requirement)[0].lower().replace("_", "-")
