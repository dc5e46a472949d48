"""Replicates are the same numbers, however the work is cut, watched or interrupted."""

import logging
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import jax
import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from modelcollapse.numerics.execution import memory, work
from modelcollapse.numerics.execution.threads import one_thread
from modelcollapse.numerics.measurement.label_noise import DRAWN, INTEGRATED
from modelcollapse.numerics.sampling import NAIVE, SUFFICIENT_STATISTICS, WISHART
from modelcollapse.numerics.simulation import simulate
from modelcollapse.theory.problem import (
    Isotropic,
    MinimumNorm,
    Population,
    PowerLaw,
    Ridge,
    TooLarge,
    UniformTarget,
    replace,
)

CHAIN = replace(Population(PowerLaw(5, 1.2), UniformTarget()), 3, rows=[9, 3, 7], noise=0.4, estimator=Ridge(0.05))
TOTAL = 70  # two full batches and a part of one


@pytest.fixture
def whole():
    return simulate(CHAIN, TOTAL, seed=21)


@pytest.mark.parametrize("cut", [2, 31, 32, 33, 68])
def test_continuations_are_bitwise_the_longer_run(whole, cut):
    first = simulate(CHAIN, cut, seed=21)
    second = simulate(CHAIN, TOTAL - cut, seed=21, start=cut)
    assert first.extended(second) == whole
    assert second.extended(simulate(CHAIN, 5, seed=21, start=TOTAL)).start == cut


def test_results_do_not_depend_on_the_batch(whole, monkeypatch):
    monkeypatch.setattr(memory, "LARGEST_BATCH", 8)
    assert np.array_equal(simulate(CHAIN, TOTAL, seed=21).errors, whole.errors)


def test_seeds_and_replicates_differ(whole):
    assert not np.isin(simulate(CHAIN, TOTAL, seed=22).errors, whole.errors).any()
    assert np.unique(whole.errors).size == whole.errors.size
    high = simulate(CHAIN, 4, seed=21 + 2**40)
    assert not np.isin(high.errors, whole.errors).any()


def test_doubtful_replicates_are_solved_again_one_by_one(monkeypatch):
    """Rows = directions without a penalty, under a strict tolerance: some replicates take the accurate way.

    They are the same whatever shares their batch, and the rest is untouched.
    """
    chain = replace(Population(Isotropic(6), UniformTarget()), 1, rows=6, noise=0.4, estimator=MinimumNorm())
    fast = simulate(chain, 45, noise=INTEGRATED)
    monkeypatch.setattr(work, "TOLERANCE", 2e-13)
    careful = simulate(chain, 45, noise=INTEGRATED)
    changed = np.flatnonzero(careful.errors != fast.errors)
    assert 0 < changed.size < 10
    np.testing.assert_allclose(careful.errors, fast.errors, rtol=1e-9)
    pieces = simulate(chain, 35, noise=INTEGRATED).extended(simulate(chain, 10, start=35, noise=INTEGRATED))
    assert pieces == careful


def test_interruption_keeps_what_is_finished(whole):
    def interrupt(done, total):
        if done == 64:
            raise KeyboardInterrupt

    part = simulate(CHAIN, TOTAL, seed=21, progress=interrupt)
    assert part.interrupted
    assert np.array_equal(part.errors, whole.errors[:64])
    assert part.extended(simulate(CHAIN, TOTAL - 64, seed=21, start=64)) == whole


def test_interruption_before_anything_is_finished_is_passed_on(monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(work, "_compiled", lambda *_: interrupt)
    with pytest.raises(KeyboardInterrupt):
        simulate(CHAIN, TOTAL)


def test_errors_of_the_caller_are_passed_on():
    def fail(done, total):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        simulate(CHAIN, TOTAL, progress=fail)


def test_progress_is_reported_to_a_function():
    """In the caller's own world: the local float64 setting does not leak into it."""
    seen = []
    simulate(CHAIN, TOTAL, progress=lambda done, total: seen.append((done, total, jax.numpy.ones(1).dtype.name)))
    assert seen == [(32, TOTAL, "float32"), (64, TOTAL, "float32"), (TOTAL, TOTAL, "float32")]


def test_progress_without_tqdm_is_plain_text(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    simulate(CHAIN, TOTAL, progress=True)
    assert f"\r{TOTAL} of {TOTAL} replicates\n" in capsys.readouterr().err


def test_progress_with_tqdm_is_a_bar(capsys):
    pytest.importorskip("tqdm")
    simulate(CHAIN, TOTAL, progress=True)
    captured = capsys.readouterr()
    assert f"{TOTAL}/{TOTAL}" in captured.err
    assert captured.out == ""


def test_one_compilation_serves_all_chains_of_a_shape(whole, caplog):
    """Other rows below the largest, penalties, noises, spectra, truths, seeds: nothing is compiled again."""
    other = replace(Population(Isotropic(5), UniformTarget(2.0)), 3, [2, 9, 6], [0.1, 0.2, 0.3], Ridge(3.0))
    with jax.log_compiles(), caplog.at_level(logging.WARNING):
        simulate(other, TOTAL, seed=5)
        assert [record for record in caplog.records if "_batch" in record.getMessage()] == []
        simulate(other, 2, seed=5, noise=INTEGRATED)
        assert [record for record in caplog.records if "_batch" in record.getMessage()] != []


@pytest.mark.timeout(240)
@pytest.mark.parametrize("processes", [2, 4])
def test_processes_and_threads_change_no_bit(whole, processes):
    """Spawned processes, threads side by side, and pieces of any number of batches."""
    assert simulate(CHAIN, TOTAL, seed=21, processes=processes) == whole
    with ThreadPoolExecutor(processes) as pool:
        runs = list(pool.map(pieces, (32, 64)))
    assert runs == [whole, whole]


def test_the_number_of_cores_changes_no_bit():
    """Products of this size are split among threads of BLAS, where there are several."""
    chain = replace(Population(PowerLaw(500, 1.2), UniformTarget()), 1, 1000, 0.5, Ridge(0.05))
    found = []
    for threads in (1, 2, 3):
        with threadpool_limits(threads, "blas"):
            found.append(simulate(chain, 2, seed=3, sampler=WISHART))
    assert found[0] == found[1] == found[2]


def test_the_caller_has_his_threads_again_when_the_last_of_several_runs_ends():
    seen, both = [], Barrier(2)

    def threads():
        return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}

    def inside(wait):
        with one_thread():
            both.wait()
            seen.append(threads())
        wait.wait()
        return threads()

    with threadpool_limits(2, "blas"), one_thread(), ThreadPoolExecutor(2) as pool:
        done = Barrier(2)
        assert list(pool.map(inside, (done, done))) == [{1}, {1}]  # for this one is still inside
    assert seen == [{1}, {1}]
    with threadpool_limits(2, "blas"):
        with pytest.raises(ValueError, match="row"), one_thread():
            int("row")
        assert threads() == {2}


def pieces(cut):
    """A simulation and its continuation."""
    return simulate(CHAIN, cut, seed=21).extended(simulate(CHAIN, TOTAL - cut, seed=21, start=cut))


@pytest.mark.timeout(120)
def test_interrupted_processes_lose_nothing_that_has_begun(whole):
    def interrupt(done, total):
        raise KeyboardInterrupt

    part = simulate(CHAIN, TOTAL, seed=21, processes=2, progress=interrupt)
    assert part.interrupted
    assert part.replicates == TOTAL  # three batches, given out at once
    assert np.array_equal(part.errors, whole.errors)


SWEEP = [(rows, penalty, noise) for rows in (3, 5, 6, 9, 40) for penalty, noise in ((0.1, 0.2), (0.4, 0.3), (2.0, 0.7))]


def test_one_compilation_serves_a_sweep_over_rows_penalties_and_noises(caplog):
    """Sufficient statistics on both sides of rows = directions, minimum norm included."""
    population = Population(PowerLaw(5, 1.1), UniformTarget())
    points = [replace(population, 2, rows, noise, Ridge(penalty)) for rows, penalty, noise in SWEEP]
    points += [replace(population, 2, rows, 0.3, MinimumNorm()) for rows in (2, 4, 8, 11, 10**6)]
    assert len(points) == 20
    with jax.log_compiles(), caplog.at_level(logging.WARNING):
        for point in points:
            simulate(point, 2, seed=5, sampler=SUFFICIENT_STATISTICS)
    compiled = [r for r in caplog.records if r.getMessage().startswith("Finished XLA compilation of jit(_batch)")]
    assert len(compiled) == 1


@pytest.mark.parametrize("noise", [DRAWN, INTEGRATED])
def test_batches_shrink_with_the_problem_and_end_in_a_named_error(noise):
    def chain(dimension, rows):
        return replace(Population(Isotropic(dimension), UniformTarget()), 1, rows=rows, noise=0.3)

    with pytest.raises(TooLarge, match="rows"):
        simulate(chain(10**4, 10**9), 2, noise=noise, sampler=NAIVE)
    with pytest.raises(TooLarge, match="rows"):
        simulate(chain(10**5, 10**4), 2, noise=noise, sampler=NAIVE)
    with pytest.raises(TooLarge, match="replicates"):
        simulate(replace(CHAIN.population, 1000, rows=2, noise=0.3), 2**31, noise=noise)
