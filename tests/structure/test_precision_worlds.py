"""Results do not depend on the world they are computed in: 32-bit by default, or JAX_ENABLE_X64 set by the user."""

from __future__ import annotations

import json
import os
import subprocess
import sys

PROGRAM = """
import json
import modelcollapse as mc
population = mc.Population(mc.PowerLaw(12, 1.4), mc.SourceCondition(0.4))
chain = mc.replace(population, generations=2, rows=[30, 9], noise=0.3, estimator=[mc.Ridge(0.02), mc.MinimumNorm()])
gradient = mc.gradient(lambda penalty: chain.with_(penalty=penalty, generation=1))(0.02)
simulation = mc.simulate(chain, replicates=40, seed=3)
table = mc.vary(lambda noise: chain.with_(noise=noise), {"noise": [0.2, 0.4]})
print(json.dumps([mc.predict(chain).error.tolist(), float(gradient), simulation.errors.tolist(), table.error.tolist()]))
"""


def _results(x64: str) -> object:
    environment = os.environ | {"JAX_ENABLE_X64": x64}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_the_two_worlds_give_the_same_bits():
    assert _results("0") == _results("1")
