"""What an accelerator does with the samplers and with theory, as throughput, share of its peak, and ratio to the CPU.

python benchmarks/accelerator.py --out benchmarks/results/NAME.json

Peaks are measured in this run: products of matrices, normals drawn, sums of shrinkage factors. Compilation is left out
of all times and printed by itself. Without an accelerator everything runs on the CPU, and the ratios are one.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import modelcollapse as mc
from modelcollapse.numerics.designs import GAUSSIAN
from modelcollapse.numerics.execution.work import Work
from modelcollapse.numerics.experiment import experiment
from modelcollapse.numerics.measurement.label_noise import DRAWN
from modelcollapse.numerics.measurement.responses import response
from modelcollapse.numerics.sampling.backends import JaxBackend
from modelcollapse.numerics.sampling.banded.sampler import Banded

GENERATIONS, NOISE, PENALTY, PER_DIRECTION = 3, 0.5, 0.1, 4
THEORY_GENERATIONS, NODES_BATCH = 10, 8192


def timed(call: Callable[[], Any], repeats: int = 3) -> tuple[float, float]:
    """Seconds of the first run, and of the best of several more."""
    start = time.perf_counter()
    jax.block_until_ready(call())
    first, best = time.perf_counter() - start, np.inf
    for _ in range(repeats):
        start = time.perf_counter()
        jax.block_until_ready(call())
        best = min(best, time.perf_counter() - start)
    return first, best


def peaks() -> dict[str, float]:
    """Multiplications and additions, and normals, per second."""
    found = {}
    size = 4096 if jax.default_backend() != "cpu" else 2048
    for kind in ("float64", "float32"):
        matrix = jnp.ones((size, size), kind)
        product = jax.jit(lambda a: jnp.matmul(a, a, precision="highest"))
        found[f"operations {kind}"] = 2 * size**3 / timed(lambda p=product, m=matrix: p(m))[1]
        draw = jax.jit(lambda key, k=kind: jax.random.normal(key, (2**24,), k).sum())
        found[f"normals {kind}"] = 2**24 / timed(lambda d=draw: d(jax.random.key(0)))[1]
    return found


def isotropic(dimension: int) -> mc.Chain:
    """The chain of the banded model."""
    population = mc.Population(mc.Isotropic(dimension), mc.UniformTarget())
    return mc.replace(population, GENERATIONS, PER_DIRECTION * dimension, NOISE, mc.Ridge(PENALTY))


def banded(dimensions: list[int], batch: int, peak: dict[str, float]) -> Iterator[dict[str, Any]]:
    """The banded model in both precisions; its peak is the rate of normals."""
    for kind in ("float64", "float32"):
        for dimension in dimensions:
            chain = isotropic(dimension)
            lanes = Banded(JaxBackend(kind, batch)).work(chain, seed=1).lanes
            first, best = timed(lambda w=lanes: w.fields(0, batch))
            errors = lanes.fields(0, batch)[0]
            drawn = batch * GENERATIONS * 3 * lanes.program.unknowns
            theory = mc.predict(isotropic(10**6)).error
            yield {
                "work": "banded",
                "precision": kind,
                "dimension": dimension,
                "replicates": batch,
                "compilation_s": first - best,
                "fits_per_s": batch * GENERATIONS / best,
                "share_of_peak": drawn / best / peak[f"normals {kind}"],
                "relative_gap_to_theory_at_1e6": float(np.max(np.abs(errors.mean(axis=0) / theory - 1))),
                "its_standard_error": float(np.max(errors.std(axis=0) / theory / np.sqrt(batch))),
            }


def precision(dimension: int, batch: int) -> dict[str, Any]:
    """What float32 costs: errors from the same keys cannot be had, so that means are compared."""
    means = {}
    for kind in ("float64", "float32"):
        errors = Banded(JaxBackend(kind, batch)).work(isotropic(dimension), seed=2).lanes.fields(0, batch)[0]
        means[kind] = errors.mean(axis=0), errors.std(axis=0) / np.sqrt(batch)
    (double, error), (single, other) = means["float64"], means["float32"]
    gap = (single - double) / double
    return {
        "work": "float32 against float64",
        "dimension": dimension,
        "relative_gap": gap.tolist(),
        "its_standard_error": (np.hypot(error, other) / double).tolist(),
    }


def statistics(dimensions: list[int], peak: dict[str, float]) -> Iterator[dict[str, Any]]:
    """Sufficient statistics; operations are those of the Gram matrix and of its factorisation."""
    for dimension in dimensions:
        population = mc.Population(mc.PowerLaw(dimension, 1.0), mc.UniformTarget())
        chain = mc.replace(population, 2, PER_DIRECTION * dimension, NOISE, mc.Ridge(0.01))
        parts, structure = experiment(chain, GAUSSIAN, mc.SUFFICIENT_STATISTICS)
        work = Work(structure, response(DRAWN, structure), parts, seed=1)
        first, best = timed(lambda w=work: w.batch(0, w.size), repeats=2)
        fits = work.size * 2
        yield {
            "work": "sufficient statistics",
            "precision": "float64",
            "dimension": dimension,
            "replicates": work.size,
            "compilation_s": first - best,
            "fits_per_s": fits / best,
            "share_of_peak": fits * (2 + 1 / 3) * dimension**3 / best / peak["operations float64"],
        }


def theory(points: int, dimension: int) -> dict[str, Any]:
    """`predict` under `jit` and `map` for as many penalties."""
    population = mc.Population(mc.PowerLaw(dimension, 1.2), mc.UniformTarget())
    base = mc.replace(population, THEORY_GENERATIONS, dimension // 2, NOISE, mc.Ridge(0.01))

    def error(penalty: Any) -> Any:
        return mc.predict(base.with_(penalty=penalty)).error[-1]

    with mc.precise():
        penalties = jnp.logspace(-6, 0, points)
        swept = jax.jit(lambda all_of: jax.lax.map(error, all_of, batch_size=NODES_BATCH))
        first, best = timed(lambda: swept(penalties), repeats=1)
    return {
        "work": f"predict, {THEORY_GENERATIONS} generations",
        "precision": "float64",
        "dimension": dimension,
        "points": points,
        "compilation_s": first - best,
        "points_per_s": points / best,
    }


def everything(arguments: argparse.Namespace, batch: int, points: int, sizes: list[int]) -> list[dict[str, Any]]:
    """All work on the default device."""
    with jax.enable_x64(True):
        peak = peaks()
    found: list[dict[str, Any]] = [{"work": "peaks", **peak}]
    parts: list[Callable[[], Any]] = [
        lambda: banded([10**power for power in arguments.powers], batch, peak),
        lambda: [precision(10**6, batch)],
        lambda: statistics(sizes, peak),
        lambda: [theory(points, arguments.theory_dimension)],
    ]
    for part in parts:
        for record in part():
            print(json.dumps(record), flush=True)
            found.append(record)
    return found


def ratios(here: list[dict[str, Any]], cpu: list[dict[str, Any]]) -> None:
    """Write the ratio to the CPU into every record that has one there."""
    rates = ("fits_per_s", "points_per_s")
    key = ("work", "precision", "dimension")
    slow = {tuple(one.get(name) for name in key): one for one in cpu}
    for record in here:
        other = slow.get(tuple(record.get(name) for name in key))
        for rate in rates:
            if other is not None and rate in record and rate in other:
                record["ratio_to_cpu"] = record[rate] / other[rate]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--batch", type=int, default=2**16, help="replicates of the banded model on the accelerator")
    parser.add_argument("--points", type=int, default=10**6)
    parser.add_argument("--theory-dimension", type=int, default=10**6)
    parser.add_argument("--powers", type=int, nargs="+", default=[3, 4, 5, 6, 7, 8])
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512, 1024, 2048, 4096])
    parser.add_argument("--cpu-sizes", type=int, nargs="+", default=[256, 1024])
    arguments = parser.parse_args()
    device = jax.devices()[0]
    record = {"device": device.device_kind, "jax": jax.__version__}
    record["accelerator"] = everything(arguments, arguments.batch, arguments.points, arguments.sizes)
    if device.platform != "cpu":
        few = argparse.Namespace(**{**vars(arguments), "powers": [3, 8]})
        with jax.default_device(jax.devices("cpu")[0]):
            record["cpu"] = everything(few, 2048, max(arguments.points // 50, 1), arguments.cpu_sizes)
        ratios(record["accelerator"], record["cpu"])
    text = json.dumps(record, indent=1)
    print(text)
    if arguments.out is not None:
        arguments.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
