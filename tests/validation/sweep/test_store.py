"""A store holds one sweep, notices damage, and is refused by name for any other."""

import contextlib
import sqlite3

import numpy as np
import pytest

import modelcollapse as mc
from modelcollapse.validation.sweep import job as job_module
from modelcollapse.validation.sweep import store as store_module

from .cheap import CHAIN, GRID, cheap, kept


def test_a_full_disk_costs_no_finished_point(tmp_path, monkeypatch):
    """SQLite's own error, from a limit on the pages of the file."""
    connected = store_module._connected

    def limited(target):
        connection = connected(target)
        connection.execute("PRAGMA page_size = 512")
        connection.execute("PRAGMA max_page_count = 12")
        return connection

    monkeypatch.setattr(store_module, "_connected", limited)
    with pytest.raises(mc.SweepStopped) as stopped:
        cheap(50).run(tmp_path / "store")
    monkeypatch.undo()
    assert "the store cannot be written (OperationalError: database or disk is full)" in str(stopped.value)
    assert 0 < stopped.value.kept == len(kept(tmp_path / "store")) < 50
    assert cheap(50).run(tmp_path / "store").fingerprint == cheap(50).run().fingerprint


OTHERS = {
    "axes": lambda: mc.Sweep(CHAIN, GRID | {"rows": [12, 21]}),
    "chains": lambda: mc.Sweep(CHAIN.with_(noise=0.31), GRID),
    "quantity": lambda: mc.Sweep(CHAIN, GRID, mc.Simulating(4)),
}


@pytest.mark.parametrize("field", OTHERS)
def test_a_store_of_another_sweep_is_refused(field, tmp_path):
    mc.Sweep(CHAIN, GRID).run(tmp_path / "store")
    before = (tmp_path / "store").read_bytes()
    with pytest.raises(mc.SpecificationError, match=r"with which .*store was begun") as refused:
        OTHERS[field]().run(tmp_path / "store")
    assert refused.value.field == field
    assert (tmp_path / "store").read_bytes() == before


def test_a_store_of_another_version_is_refused(tmp_path, monkeypatch):
    cheap().run(tmp_path / "store")
    monkeypatch.setattr(job_module, "VERSION", "0.0.9")
    monkeypatch.setattr("modelcollapse.validation.sweep.sweep.versions", job_module.versions)
    with pytest.raises(mc.SpecificationError, match=r"versions: got 'modelcollapse 0.0.9, .*allowed: modelcollapse"):
        cheap().run(tmp_path / "store")


@pytest.mark.parametrize("content", [b"rows = 3\n" * 200, b"SQLite format 3\0" + bytes(500), b"\xff"])
def test_what_is_no_store_is_refused_and_left_alone(content, tmp_path):
    (tmp_path / "store").write_bytes(content)
    with pytest.raises(mc.SpecificationError, match=r"store: got '.*store'; allowed: a file of this sweep"):
        cheap().run(tmp_path / "store")
    assert (tmp_path / "store").read_bytes() == content


def test_another_database_is_refused_and_left_alone(tmp_path):
    with contextlib.closing(sqlite3.connect(tmp_path / "store")) as connection:
        connection.execute("CREATE TABLE points (number INTEGER PRIMARY KEY)")
    before = (tmp_path / "store").read_bytes()
    with pytest.raises(mc.SpecificationError, match="it is another database"):
        cheap().run(tmp_path / "store")
    assert (tmp_path / "store").read_bytes() == before


def test_a_damaged_store_is_refused(tmp_path):
    """Every run of 64 bytes that is overwritten is noticed, or lies where nothing is."""
    cheap(40).run(tmp_path / "store")
    whole, fingerprint = (tmp_path / "store").read_bytes(), cheap(40).run().fingerprint
    refused = 0
    for place in range(0, len(whole), max(64, len(whole) // 40)):
        (tmp_path / "store").write_bytes(whole[:place] + b"\xa5" * 64 + whole[place + 64 :])
        try:
            assert cheap(40).run(tmp_path / "store").fingerprint == fingerprint
        except mc.SpecificationError as error:
            refused += str(tmp_path / "store") in str(error)
    assert refused >= 8


def test_a_changed_number_is_noticed(tmp_path):
    cheap().run(tmp_path / "store")
    with contextlib.closing(sqlite3.connect(tmp_path / "store")) as connection:
        connection.execute("UPDATE points SET numbers = zeroblob(16) WHERE number = 3")
        connection.commit()
    with pytest.raises(mc.SpecificationError, match="point 3 is not as it was written"):
        cheap().run(tmp_path / "store")


def test_a_store_that_is_there_is_refused_unless_resumed(tmp_path):
    cheap().run(tmp_path / "store", resume=False)
    with pytest.raises(mc.SpecificationError, match="not there yet, unless the sweep is resumed"):
        cheap().run(tmp_path / "store", resume=False)
    with pytest.raises(mc.SpecificationError, match="store"):
        cheap().run(tmp_path / "no folder" / "store")


class Own(mc.Target):
    """A target without declared fields."""

    def mean(self, k, spectrum):
        return 0.5 + 0 * k

    def variance(self, k, spectrum):
        return 0 * k


def test_a_chain_that_cannot_be_told_from_others_needs_to_do_without_a_store(tmp_path):
    sweep = mc.Sweep(CHAIN.with_(population=mc.Population(mc.Isotropic(4), Own())), {"penalty": [0.1, 0.2]})
    np.testing.assert_allclose(sweep.run()["error"], mc.Sweep(CHAIN, {"penalty": [0.1, 0.2]}).run()["error"])
    with pytest.raises(mc.SpecificationError, match="a store must know what it holds"):
        sweep.run(tmp_path / "store")
