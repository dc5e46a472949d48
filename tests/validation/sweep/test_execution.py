"""Wherever points are computed they are the same, and however a run ends no finished one is lost."""

import json
import multiprocessing
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import numpy as np
import pytest

import modelcollapse as mc
from modelcollapse.validation.sweep import job as job_module

from .cheap import HELPER, LEAST, Hands, cheap, helped, interrupting, kept

# In a process of its own: Dask starts threads and an event loop, which stay.
CLUSTER = """
import pathlib
import sys

import modelcollapse as mc
from distributed import Client, LocalCluster

if __name__ == "__main__":
    sweep = mc.Sweep.from_toml(pathlib.Path(sys.argv[1]).read_text())
    settings = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with LocalCluster(**settings) as cluster, Client(cluster) as client:
        print(sweep.run(sys.argv[2], executor=client.get_executor()).fingerprint)
"""

# The same; in each of two runs a worker is killed: at first Dask may try no point twice, then it may.
DYING = """
import json
import os
import pathlib
import signal
import sys

import dask
import modelcollapse as mc
from distributed import Client, LocalCluster

if __name__ == "__main__":
    sweep = mc.Sweep.from_toml(pathlib.Path(sys.argv[1]).read_text())
    dask.config.set({"distributed.scheduler.allowed-failures": 0})
    settings = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with LocalCluster(**settings) as cluster, Client(cluster) as client:
        victims = list(client.run(os.getpid).values())[:1]

        def kill(done, total):
            if done >= 3 and victims:
                os.kill(victims.pop(), signal.SIGKILL)

        try:
            sweep.run(sys.argv[2], executor=client.get_executor(pure=False), progress=kill)
            stopped = None
        except mc.SweepStopped as stop:
            stopped = [str(stop), stop.kept]
        cluster.scheduler.allowed_failures = 3
        client.wait_for_workers(2)
        victims = list(client.run(os.getpid).values())[:1]
        again = sweep.run(sys.argv[2], executor=client.get_executor(pure=False), progress=kill)
        print(json.dumps({"stopped": stopped, "killed again": not victims, "fingerprint": again.fingerprint}))
"""


TEXT = f"""
quantity = {{class = "Simulating", replicates = 4, sampler = "Naive"}}
{LEAST.to_toml()}
[axes]
noise = [0.1, 0.2, 0.3]
"""


def test_here_in_threads_and_in_processes_the_numbers_are_the_same(tmp_path):
    sweep = mc.Sweep.from_toml(TEXT)
    here = sweep.run().fingerprint
    with ThreadPoolExecutor(2) as threads:
        assert sweep.run(executor=threads).fingerprint == here
    assert sweep.run(tmp_path / "store", workers=2).fingerprint == here


def test_on_a_cluster_the_numbers_are_the_same_as_here(tmp_path):
    (tmp_path / "grid.toml").write_text(TEXT)
    (tmp_path / "cluster.py").write_text(CLUSTER)
    there = helped(tmp_path / "cluster.py", tmp_path / "grid.toml", tmp_path / "store").strip()
    sweep = mc.Sweep.from_toml(TEXT)
    assert there == sweep.run().fingerprint == sweep.run(tmp_path / "store", executor=Hands(dies_at=1)).fingerprint


def test_a_worker_of_a_cluster_that_is_killed(tmp_path):
    """Dask gives its points to another one; where it may not, the sweep ends by name, with what is finished kept."""
    text = TEXT.replace("noise = [0.1, 0.2, 0.3]", f"noise = {np.linspace(0.1, 0.9, 40).tolist()}")
    (tmp_path / "grid.toml").write_text(text)
    (tmp_path / "dying.py").write_text(DYING)
    found = json.loads(helped(tmp_path / "dying.py", tmp_path / "grid.toml", tmp_path / "store"))
    said, count = found["stopped"]
    assert "a point or its worker failed (KilledWorker" in said
    assert 3 <= count < 40
    assert found["killed again"]
    assert found["fingerprint"] == mc.Sweep.from_toml(text).run().fingerprint


def test_killed_at_any_moment_no_finished_point_is_lost(tmp_path):
    """Twelve SIGKILLs of sixty points; the helper's docstring has fifty of five hundred."""
    found = json.loads(helped(HELPER, tmp_path / "store", 60, 12, 1))
    assert found["lost"] == found["missing"] == 0
    assert found["killed"] >= 6
    assert found["amid points"] >= 3
    assert found["fingerprint"] == json.loads(helped(HELPER, tmp_path / "two runs", 60, 0, 1))["fingerprint"]


def test_two_runs_on_one_store(tmp_path):
    found = json.loads(helped(HELPER, tmp_path / "store", 60, 0, 1))
    assert (found["statuses"], found["points"]) == ([0, 0], 60)


def test_what_is_finished_is_not_done_again(tmp_path):
    first = Hands(dies_at=6)
    with pytest.raises(mc.SweepStopped, match=r"5 of 10 points are kept in .*: run it again") as stopped:
        cheap().run(tmp_path / "store", executor=first)
    assert stopped.value.kept == 5
    assert isinstance(stopped.value.__cause__, BrokenProcessPool)
    second = Hands()
    result = cheap().run(tmp_path / "store", executor=second)
    assert second.given == 5
    assert result.fingerprint == cheap().run().fingerprint
    np.testing.assert_array_equal(result["noise"][:, 0], np.arange(10.0))


def test_without_a_store_a_stop_says_that_nothing_is_kept():
    with pytest.raises(mc.SweepStopped, match="nothing is kept"):
        cheap().run(executor=Hands(dies_at=6))


def test_a_worker_process_that_is_killed(tmp_path):
    def kill(done, total):
        for child in multiprocessing.active_children():
            os.kill(child.pid, signal.SIGKILL)

    sweep = mc.Sweep(LEAST, {"noise": np.linspace(0.1, 0.9, 20)}, mc.Simulating(2, sampler=mc.NAIVE))
    sweep.run(tmp_path / "store", progress=interrupting(3))
    with pytest.raises(mc.SweepStopped, match="BrokenProcessPool") as stopped:
        sweep.run(tmp_path / "store", workers=2, progress=lambda done, total: kill(done, total) if done > 3 else None)
    assert 3 < stopped.value.kept < 20
    assert sweep.run(tmp_path / "store").fingerprint == sweep.run().fingerprint


def test_an_interruption_from_the_keyboard_keeps_what_is_finished(tmp_path):
    result = cheap().run(tmp_path / "store", progress=interrupting(4))
    assert (len(result.found), result.missing) == (4, 6)
    assert np.isnan(result["noise"][:, 0]).sum() == 6
    assert str(result).startswith("Noise(fails_at=-1.0), last generation\n")
    assert str(result).endswith("6 points are not finished")
    assert "<li>6 points are not finished</li>" in result._repr_html_()
    assert cheap().run(tmp_path / "store").fingerprint == cheap().run().fingerprint


def test_an_error_that_is_no_refusal_ends_the_sweep_and_costs_no_other_point(tmp_path):
    with pytest.raises(mc.SweepStopped, match="ZeroDivisionError: a point that is an error"):
        cheap(fails_at=7.0).run(tmp_path / "store")
    before = kept(tmp_path / "store")
    with ThreadPoolExecutor(2) as threads, pytest.raises(mc.SweepStopped) as stopped:
        cheap(fails_at=7.0).run(tmp_path / "store", executor=threads)
    after = kept(tmp_path / "store")
    assert set(before) <= set(after) <= set(range(10)) - {7}
    assert stopped.value.kept == len(after)


def test_a_worker_of_another_version_is_refused(monkeypatch):
    class Elsewhere(Hands):
        def submit(self, function, /, *arguments, **named):
            with monkeypatch.context() as patch:
                patch.setattr(job_module, "VERSION", "0.0.9")
                return super().submit(attempted, function, *arguments, **named)

    with pytest.raises(mc.SweepStopped, match=r"versions: got 'modelcollapse 0.0.9"):
        cheap().run(executor=Elsewhere())


def attempted(function, /, *arguments):
    return function(*arguments)
