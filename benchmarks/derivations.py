"""How long derivations take, how large they are, and what a compiled value and gradient cost; one process, one run."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

import modelcollapse as mc
from modelcollapse.theory import Model, derive, ridge, risk, stack
from modelcollapse.theory.algebra.dyson import dyson
from modelcollapse.theory.algebra.pencil import pencil
from modelcollapse.theory.evaluation.derived import Derived
from modelcollapse.theory.rules.trace import Trace


def chain(generations: int) -> Any:
    """Ridge on labels of the model before, fresh rows."""
    m = Model()
    w: Any = m.truth
    for g in range(1, generations + 1):
        design = m.design(f"X_{g}", f"T_{g}")
        w = ridge(design, design @ w + m.noise("sigma"), "lambda")
    return risk(w)


def accumulation(generations: int, same: bool = False) -> Any:
    """Ridge on everything so far, fresh rows or the same ones."""
    m = Model()
    w: Any = m.truth
    designs, labels = [], []
    for g in range(1, generations + 1):
        designs.append(designs[0] if same and designs else m.design(f"X_{g}", f"T_{g}"))
        labels.append(designs[-1] @ w + m.noise("sigma"))
        w = ridge(stack(*designs), stack(*labels), "lambda")
    return risk(w)


def projection() -> Any:
    """Ridge on random features."""
    m = Model()
    design, outputs = m.design("X", "T"), m.projection("S", "m")
    return risk(outputs.T @ ridge(design @ outputs.T, design @ m.truth + m.noise("sigma"), "lambda"))


def mixture(covariance: str) -> Any:
    """Real rows and rows with shifted labels."""
    m = Model()
    real, synthetic = m.design("X_1", "T_1"), m.design("X_2", "T_2", covariance=covariance)
    shifted = m.truth + m.offset("delta", "theta_2")
    labels = stack(real @ m.truth + m.noise("sigma_1"), synthetic @ shifted + m.noise("sigma_2"))
    return risk(ridge(stack(real, synthetic), labels, "lambda"))


def kept_rows(generations: int) -> Any:
    """The same real rows beside fresh ones that the model before labels."""
    m = Model()
    real = m.design("X_0", "T_0")
    answers = real @ m.truth + m.noise("sigma")
    w: Any = ridge(real, answers, "lambda")
    for g in range(1, generations):
        design = m.design(f"X_{g}", "T_1")
        w = ridge(stack(real, design), stack(answers, design @ w + m.noise("sigma")), "lambda")
    return risk(w)


CASES: dict[str, Callable[[], Any]] = {
    "ridge": lambda: chain(1),
    "two generations": lambda: chain(2),
    "three generations": lambda: chain(3),
    "ten generations": lambda: chain(10),
    "random projection": projection,
    "mixture": lambda: mixture("Sigma"),
    "mixture, two covariances": lambda: mixture("Sigma_2"),
    "accumulation, 2": lambda: accumulation(2),
    "accumulation, 3": lambda: accumulation(3),
    "accumulation, 4": lambda: accumulation(4),
    "same rows, 3": lambda: accumulation(3, same=True),
    "kept real rows, 3": lambda: kept_rows(3),
}


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """Processor time, and the result."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def derivations() -> None:
    """Seconds of the processor from the expression to the reduced theorem, and its size."""
    derive(chain(1))  # imports
    print(f"{'derivation':28}{'seconds':>9}{'equations':>11}  formula")
    for name, build in CASES.items():
        spent, derived = seconds(lambda build=build: derive(build()))
        kind = "program" if derived.formula is None else type(derived.formula).__name__
        kind += ", certified" if derived.certified else ""
        print(f"{name:28}{spent:9.2f}{len(derived.definitions):11}  {kind}")


def growth() -> None:
    """The ridge chain: the fixed point of all generations together, and the theorem that is printed."""
    print(f"\n{'':12}{'fixed point':>26}{'theorem':>19}")
    print(f"{'generations':>12}{'nodes':>8}{'unknowns':>10}{'terms':>8}{'equations':>11}{'traces':>8}")
    for n in range(1, 11):
        made, theorem = pencil(chain(n).parts), derive(chain(n))
        program = dyson(made)
        bodies = [*(body for _, body in theorem.definitions), *theorem.parts.values()]
        traces = len(set().union(*(body.atoms(Trace) for body in bodies)))
        sizes = f"{made.size:8}{program.unknowns:10}{program.terms:8}{len(theorem.definitions):11}{traces:8}"
        print(f"{n:12}{sizes}")


def value_and_gradient() -> None:
    """First call (compilation) and later calls of the error and its derivative by the penalty."""
    population = mc.Population(mc.PowerLaw(300, 1.5), mc.SourceCondition(0.5))
    print(f"\n{'value and gradient':28}{'first':>9}{'later':>9}  seconds of the processor")
    mc.predict(mc.replace(population, 1, 400, 0.3, mc.Ridge(0.1)))  # imports
    shapes: dict[str, Callable[[int, Any], mc.Chain]] = {
        "ridge": lambda n, penalty: mc.replace(population, n, 400, 0.3, mc.Ridge(penalty)),
        "projections": lambda n, penalty: mc.replace(population, n, 400, 0.3, mc.RandomProjection(250, penalty)),
        "real rows": lambda n, penalty: mc.mix(
            population, n, real_rows=100, synthetic_rows=300, noise=0.3, estimator=mc.Ridge(penalty)
        ),
    }
    for name, shape in shapes.items():
        for n in (10, 100):
            jax.clear_caches()
            function = mc.gradient(lambda penalty, n=n, shape=shape: shape(n, penalty))
            first, _ = seconds(lambda function=function: function(0.01))
            later, _ = seconds(lambda function=function: function(0.02))
            print(f"{f'{name}, {n} generations':28}{first:9.2f}{later:9.3f}")
    values = {"s": 1.0 / np.arange(1, 301), "theta": np.full(300, 1 / 300), "T": 400.0, "m": 250.0, "sigma": 0.3}
    values |= {f"T_{g}": 400.0 for g in range(1, 11)}
    for name, traces in {"random projection": projection(), "ten ridges": chain(10)}.items():
        derived: Derived = derive(traces)
        given = {letter: value for letter, value in values.items() if letter in derived.letters}
        with mc.precise():
            total = derived.compile()
            slope = jax.jit(jax.value_and_grad(lambda at, t=total, given=given: t(**given, **{"lambda": at})))
            first, _ = seconds(lambda slope=slope: jax.block_until_ready(slope(0.01)))
            later, _ = seconds(lambda slope=slope: jax.block_until_ready(slope(0.02)))
        print(f"{f'{name}, by expression':28}{first:9.2f}{later:9.3f}")


if __name__ == "__main__":
    derivations()
    growth()
    value_and_gradient()
