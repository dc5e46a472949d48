"""What every test runs under: strict JAX promotion in the float32 world users live in, and no trace left behind."""

import os

os.environ["MPLBACKEND"] = "Agg"


def keep_to_one_core() -> None:
    """Give every parallel test process a core of its own, before JAX counts them.

    XLA starts one thread per visible core; processes that share cores then spend most of their time waiting for each
    other's threads (seen here: 0.06 against 6.9 milliseconds for a fit at dimension 40).
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker and hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[int(worker.removeprefix("gw")) % len(cores)]})


QUICKLY = (
    "--xla_cpu_use_fusion_emitters=false",
    "--xla_backend_optimization_level=0",
    "--xla_llvm_disable_expensive_passes=true",
    "--xla_cpu_parallel_codegen_split_count=1",
)


def compile_quickly() -> None:
    """Have XLA compile with little effort: compilation took more than half of the time of these tests, running little.

    Loops are lowered as they were before the fusion emitters, LLVM optimises nothing, and a program is not cut into
    32 parts for threads that one core does not have. What is computed stays the same to the last few bits, in a third
    of the time of a compilation; flags of the caller come last, so they win:
    XLA_FLAGS="--xla_backend_optimization_level=3 --xla_llvm_disable_expensive_passes=false".
    """
    os.environ["XLA_FLAGS"] = " ".join([*QUICKLY, os.environ.get("XLA_FLAGS", "")]).strip()


keep_to_one_core()
compile_quickly()

import importlib
import locale
import random
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jax
import matplotlib
import numpy as np
import pytest
from hypothesis import settings

for library in ("scipy.sparse", "scipy.special", "sympy"):
    importlib.import_module(library)  # they add warning filters when first imported, which must not happen in a test

MOST_MAPPINGS = 20_000

settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("dev", deadline=None, max_examples=25)
settings.register_profile("thorough", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile("ci")


@pytest.fixture(autouse=True)
def strict_promotion() -> Iterator[None]:
    """Mixed dtypes and ranks are errors; both settings end with the test."""
    with jax.numpy_dtype_promotion("strict"), jax.numpy_rank_promotion("raise"):
        yield


@pytest.fixture(autouse=True)
def global_state_unchanged(strict_promotion: None) -> Iterator[None]:
    """JAX configuration, rcParams, warning filters, environment, locale and random states: as before the test."""
    before = global_state()
    yield
    after = global_state()
    assert [name for name in before if before[name] != after[name]] == []


@pytest.fixture(autouse=True)
def compilations_let_go() -> Iterator[None]:
    """Compiled code lives in memory mappings, of which a process may have 65530; a test process makes too many."""
    yield
    maps = Path("/proc/self/maps")
    if maps.exists() and maps.read_bytes().count(b"\n") > MOST_MAPPINGS:
        jax.clear_caches()


def global_state() -> dict[str, Any]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return {
        "jax.config": dict(jax.config.values),
        "jax_enable_x64": jax.config.jax_enable_x64,  # as this thread sees it
        "jax_numpy_dtype_promotion": jax.config.jax_numpy_dtype_promotion,
        "jax_numpy_rank_promotion": jax.config.jax_numpy_rank_promotion,
        "rcParams": dict(matplotlib.rcParams),
        "warnings.filters": list(warnings.filters),
        "os.environ": environment,
        "np.errstate": np.geterr(),
        "np.printoptions": np.get_printoptions(),
        "locale": locale.setlocale(locale.LC_ALL),  # asks, sets nothing
        "random": random.getstate(),
        "np.random": [np.asarray(part).tolist() for part in np.random.get_state()],
    }
