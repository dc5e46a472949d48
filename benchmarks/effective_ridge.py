"""The effective ridge at a million eigenvalues: accuracy against 50 digits, time as ratios within this run.

python benchmarks/effective_ridge.py
"""

from __future__ import annotations

import time

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
from scipy.optimize import bisect

from modelcollapse.theory.evaluation.compression import compress
from modelcollapse.theory.evaluation.effective_ridge import effective_ridge

DIMENSION = 10**6
CELLS = ((1.2, 3_000, 1e-6), (1.5, 999_999, 1e-12), (2.0, 1_000_003, 1e-9))  # exponent, rows, penalty


def reference(s: np.ndarray, rows: int, penalty: float, start: float) -> mpmath.mpf:
    """Newton in log kappa on n = df_1 + n lambda/kappa with 50 digits; the start is within 1e-6, so 3 steps suffice."""
    values, n, lam = [mpmath.mpf(float(v)) for v in s], mpmath.mpf(rows), mpmath.mpf(penalty)
    kappa = mpmath.mpf(start)
    for _ in range(3):
        q = [v / (v + kappa) for v in values]
        residual = mpmath.fsum(q) + n * lam / kappa - n
        slope = mpmath.fsum(x * (1 - x) for x in q) + n * lam / kappa
        kappa *= mpmath.exp(residual / slope)
    return kappa


def seconds(call: object, repeats: int = 5) -> float:
    """Best of several runs."""
    best = np.inf
    for _ in range(repeats):
        start = time.perf_counter()
        call()  # type: ignore[operator]
        best = min(best, time.perf_counter() - start)
    return float(best)


def main() -> None:
    mpmath.mp.dps = 50
    solve = jax.jit(effective_ridge)
    print("exponent      rows  penalty  relative error  certified width  steps  passes  compressed error  bisect/ours")
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
            bisection = seconds(lambda f=residual: bisect(f, 1e-15, 1e10), repeats=1)  # type: ignore[misc]
            print(
                f"{exponent:8} {rows:9} {penalty:8.0e} {error:15.1e} {float(root.width):16.1e} {int(root.steps):6}"
                f" {own / one_pass:7.1f} {few_error:17.1e} {bisection / own:12.1f}"
            )


if __name__ == "__main__":
    main()
