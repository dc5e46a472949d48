"""Predictions along a grid of rows and penalties: a sweep with a store against single calls of `predict`.

Run: .venv/bin/python benchmarks/sweep.py [points] [file], 1000 unless said otherwise; the file keeps JSON. Ten
generations on a power law of a million eigenvalues. Prints the seconds of the sweep, what one point costs beside one
call, and the size of the store.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import modelcollapse as mc

SINGLE = 5


def main(points: int, out: Path | None = None) -> None:
    """Time both, the second after the first has compiled what each needs."""
    population = mc.Population(mc.PowerLaw(10**6, 1.5), mc.SourceCondition(0.5))
    chain = mc.replace(population, generations=10, rows=2000, noise=0.3, estimator=mc.Ridge(1e-3))
    side = round(points**0.5)
    rows = np.unique(np.geomspace(100, 1e7, 4 * side).astype(int))[-side:].tolist()
    sweep = mc.Sweep(chain, {"rows": rows, "penalty": np.geomspace(1e-8, 1.0, side).tolist()})
    mc.predict(chain)
    begun = time.perf_counter()
    for place in range(SINGLE):
        mc.predict(chain.with_(rows=rows[place]))
    single = (time.perf_counter() - begun) / SINGLE
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        begun, used = time.perf_counter(), time.process_time()
        result = sweep.run(store, progress=True)
        seconds, used = time.perf_counter() - begun, time.process_time() - used
        size = store.stat().st_size
    count = len(sweep.points)
    print(f"{count} points, {len(result.failures)} refused: {seconds:.1f} s ({used:.1f} s of the processor)")
    print(f"a point costs {seconds / count * 1e3:.2f} ms, 1/{single * count / seconds:.0f} of a call of predict")
    print(f"the store takes {size / count:.0f} bytes a point")
    if out is not None:
        record = {"points": count, "seconds": seconds, "processor seconds": used, "bytes a point": size / count}
        out.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000, Path(sys.argv[2]) if len(sys.argv) > 2 else None)
