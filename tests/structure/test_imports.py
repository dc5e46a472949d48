"""Importing the package is light, quiet and leaves the process as it was."""

import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

import modelcollapse

# Refuses every connection and every look-up of a host name, even from C code.
NO_NETWORK = """
import sys
def refuse(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        raise OSError("network used: " + event)
sys.addaudithook(refuse)
"""

EVERYTHING = """
import pkgutil, importlib, modelcollapse
def stop(name): raise
for found in pkgutil.walk_packages(modelcollapse.__path__, "modelcollapse.", onerror=stop):
    importlib.import_module(found.name)
"""


def python(code, cwd, **environment):
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("part", ["theory", "numerics", "validation"])
def test_a_bare_import_from_the_repository_is_refused(part, root):
    found = python(f"import {part}", cwd=root)
    assert found.returncode == 1
    assert f"ImportError: import modelcollapse.{part}, not {part}" in found.stderr


def test_the_front_door_loads_neither_jax_nor_matplotlib(tmp_path):
    found = python("import modelcollapse, sys; print({'jax', 'matplotlib', 'hypothesis'} & {*sys.modules})", tmp_path)
    assert (found.stdout.strip(), found.stderr) == ("set()", "")


def test_the_front_door_opens_in_at_most_400_milliseconds(tmp_path):
    def best(code):
        return min(seconds(code) for _ in range(5))

    def seconds(code):
        """Of the processor, so that other work on the machine does not count."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert python(code, tmp_path).returncode == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert best("import modelcollapse") - best("pass") <= 0.4


def test_imports_need_no_network(tmp_path):
    found = python(NO_NETWORK + EVERYTHING, tmp_path)
    assert (found.returncode, found.stderr) == (0, "")


def test_imports_start_no_jax_backend(tmp_path):
    """With a platform that does not exist, the first array would fail."""
    found = python(EVERYTHING, tmp_path, JAX_PLATFORMS="none_such")
    assert (found.returncode, found.stderr) == (0, "")
    assert "none_such" in python("import jax; jax.numpy.ones(1)", tmp_path, JAX_PLATFORMS="none_such").stderr


def test_imports_leave_the_process_unchanged(tmp_path):
    state = "(dict(jax.config.values), dict(matplotlib.rcParams), dict(os.environ), numpy.get_printoptions())"
    prepare = "import os, jax, matplotlib.pyplot, numpy\n"
    found = python(prepare + f"before = {state}" + EVERYTHING + f"assert before == {state}", tmp_path)
    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", modelcollapse.__all__)
def test_every_public_name_resolves(name):
    assert getattr(modelcollapse, name) is not None


def test_other_names_do_not():
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = modelcollapse.no_such_name


def test_the_type_checker_sees_every_file(modules, root):
    """`mypy --verbose` lists the files that it checks; they lie behind the links of the package."""
    command = [sys.executable, "-m", "mypy", "--verbose", "-p", "modelcollapse"]
    found = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    seen = {Path(path).resolve() for path in re.findall(r"BuildSource\(path='([^']*\.py)'", found.stderr)}
    assert {root / module.path for module in modules.values()} - seen == set()
