"""One run shared by processes that JAX has brought together, over loopback; they are killed if they hang."""

import hashlib
import os
import socket
import subprocess
import sys

import numpy as np
import pytest

import modelcollapse as mc
from modelcollapse.theory.problem import SpecificationError

PROGRAM = """
import hashlib
import sys
import jax
jax.distributed.initialize(f"127.0.0.1:{sys.argv[1]}", num_processes=2, process_id=int(sys.argv[2]))
import modelcollapse as mc
from modelcollapse.theory.problem import NotCertified
population = mc.Population(mc.PowerLaw(5, 1.2), mc.UniformTarget())
rows = mc.replace(population, 2, rows=9, noise=0.4, estimator=mc.Ridge(0.1))
walk = mc.replace(population, 3, rows=12, noise=0.4, estimator=mc.MinimumNorm())
for chain, count in ((rows, 700), (walk, 9000), (walk, 3)):
    errors = mc.simulate(chain, count, seed=3, processes=mc.JAX_PROCESSES).errors
    print("errors", hashlib.sha256(errors.tobytes()).hexdigest())

from modelcollapse.theory.problem import SpecificationError
try:
    mc.simulate(rows, 700 + jax.process_index(), seed=3, processes=mc.JAX_PROCESSES)
except SpecificationError as error:
    print("refused", error)

def stop(done, total):
    raise RuntimeError("one process stops")

try:
    mc.simulate(rows, 700, seed=3, processes=mc.JAX_PROCESSES, progress=stop if jax.process_index() else False)
except (NotCertified, RuntimeError) as error:
    print("stopped", type(error).__name__, error)
"""


def alone():
    population = mc.Population(mc.PowerLaw(5, 1.2), mc.UniformTarget())
    rows = mc.replace(population, 2, rows=9, noise=0.4, estimator=mc.Ridge(0.1))
    walk = mc.replace(population, 3, rows=12, noise=0.4, estimator=mc.MinimumNorm())
    return [mc.simulate(chain, count, seed=3).errors for chain, count in ((rows, 700), (walk, 9000), (walk, 3))]


@pytest.fixture(scope="module")
def told():
    """What two processes print, line by line."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # One device here, two there: batches are of another size, numbers are not.
    environment = os.environ | {"JAX_PLATFORMS": "cpu", "JAX_CPU_COLLECTIVES_IMPLEMENTATION": "gloo"}
    started = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(port), str(index)],
            env=environment
            | {"XLA_FLAGS": f"{os.environ['XLA_FLAGS']} --xla_force_host_platform_device_count={index + 1}"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for index in range(2)
    ]
    try:
        heard = [process.communicate(timeout=180) for process in started]
    finally:
        for process in started:
            process.kill()
    assert [process.returncode for process in started] == [0, 0], heard
    return [
        [line for line in out.splitlines() if line.startswith(("errors", "refused", "stopped"))] for out, _ in heard
    ]


@pytest.mark.timeout(240)
def test_every_process_has_all_replicates_and_no_bit_is_another(told):
    expected = ["errors " + hashlib.sha256(errors.tobytes()).hexdigest() for errors in alone()]
    for lines in told:
        assert lines[:3] == expected


@pytest.mark.timeout(240)
def test_processes_that_ask_for_other_replicates_are_refused(told):
    for lines in told:
        assert lines[3].startswith("refused processes: ")


@pytest.mark.timeout(240)
def test_no_process_waits_for_one_that_stops(told):
    assert told[0][4] == (
        "stopped NotCertified another process could not finish its share of the replicates; it says why"
    )
    assert told[1][4] == "stopped RuntimeError one process stops"


def test_one_process_alone_is_a_cluster_of_one():
    chain = mc.replace(mc.Population(mc.Isotropic(5), mc.UniformTarget()), 2, rows=12, noise=0.4)
    together = mc.simulate(chain, 300, seed=4, processes=mc.JAX_PROCESSES)
    np.testing.assert_array_equal(together.errors, mc.simulate(chain, 300, seed=4).errors)
    assert not together.interrupted


def test_accuracies_are_not_shared_out():
    chain = mc.ClassificationChain(mc.GaussianMixture(1.5, 20), 100, mc.Flips(0.2), None, mc.Ridge(0.1))
    with pytest.raises(SpecificationError, match="processes"):
        mc.simulate(chain, 10, processes=mc.JAX_PROCESSES)
