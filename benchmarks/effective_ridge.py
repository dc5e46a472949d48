"""The effective ridge at a million eigenvalues: accuracy against 50 digits, time as ratios within this run.

R10: passes `(s/(s + kappa)).sum()` of NumPy that one solution costs. R11: how much longer `scipy.optimize.bisect` on
[1e-15, 1e10] takes, and how much larger its error is where kappa is about 1e-8. Seconds of the processor, best of
several.

python benchmarks/effective_ridge.py [--out FILE]
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
from scipy.optimize import bisect

from modelcollapse.theory.evaluation.compression import compress
from modelcollapse.theory.evaluation.effective_ridge import effective_ridge

DIMENSION = 10**6
CELLS = ((1.2, 3_000, 1e-6), (1.5, 999_999, 1e-12), (2.0, 1_000_003, 1e-9), (3.0, 500, 1e-14))
# exponent, rows, penalty


def reference(s: np.ndarray, rows: int, penalty: float, start: float) -> mpmath.mpf:
    """A step of Newton in log kappa on n = df_1 + n lambda/kappa with 50 digits: it is wrong by its own square."""
    values, n, lam = [mpmath.mpf(float(v)) for v in s], mpmath.mpf(rows), mpmath.mpf(penalty)
    kappa = mpmath.mpf(start)
    q = [v / (v + kappa) for v in values]
    residual = mpmath.fsum(q) + n * lam / kappa - n
    slope = mpmath.fsum(q) - mpmath.fsum(q, squared=True) + n * lam / kappa
    return kappa * mpmath.exp(residual / slope)


def seconds(call: object, repeats: int = 5) -> float:
    """Best of several runs."""
    best = np.inf
    for _ in range(repeats):
        start = time.process_time()
        call()  # type: ignore[operator]
        best = min(best, time.process_time() - start)
    return float(best)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    cells = []
    mpmath.mp.dps = 50
    solve = jax.jit(effective_ridge)
    print(
        "exponent      rows  penalty  relative error  certified width  steps  passes  compressed error  bisect/ours"
        "  errors of bisect/ours"
    )
    with jax.enable_x64(True):
        for exponent, rows, penalty in CELLS:
            s = np.arange(1.0, DIMENSION + 1) ** -exponent
            nodes, counts, _ = compress(s, np.zeros(DIMENSION), 20)
            full = (jnp.asarray(s), jnp.ones(DIMENSION), jnp.asarray(float(rows)), jnp.asarray(penalty))
            few = (jnp.asarray(nodes), jnp.asarray(counts), *full[2:])
            root, compressed = solve(*full), solve(*few)
            exact = reference(s, rows, penalty, float(root.value))
            error, few_error = (float(abs(mpmath.mpf(float(r.value)) / exact - 1)) for r in (root, compressed))

            def residual(kappa: float, s: np.ndarray = s, rows: int = rows, penalty: float = penalty) -> float:
                return float((s / (s + kappa)).sum() + rows * penalty / kappa - rows)

            own = seconds(lambda args=full: jax.block_until_ready(solve(*args)))  # type: ignore[misc]
            one_pass = seconds(lambda s=s: (s / (s + 1e-3)).sum())  # type: ignore[misc]
            bisection = seconds(lambda f=residual: bisect(f, 1e-15, 1e10), repeats=2)  # type: ignore[misc]
            bisected = float(abs(mpmath.mpf(bisect(residual, 1e-15, 1e10)) / exact - 1))
            cell = {"exponent": exponent, "rows": rows, "penalty": penalty, "kappa": float(exact), "error": error}
            cell |= {
                "width": float(root.width),
                "steps": int(root.steps),
                "R10": own / one_pass,
                "milliseconds": own * 1e3,
            }
            cells.append(cell | {"R11": bisection / own, "error of bisect": bisected})
            print(
                f"{exponent:8} {rows:9} {penalty:8.0e} {error:15.1e} {float(root.width):16.1e} {int(root.steps):6}"
                f" {own / one_pass:7.1f} {few_error:17.1e} {bisection / own:12.1f}"
                f" {bisected / max(error, 1e-17):22.0e}",
                flush=True,
            )
    if arguments.out is not None:
        arguments.out.write_text(json.dumps({"bars": {"R10": 25, "R11": 4}, "cells": cells}, indent=1) + "\n")


if __name__ == "__main__":
    main()
