"""Where samplers run: processes and devices change no bit, and what is no number stops a run by name."""

import os
import subprocess
import sys

import numpy as np
import pytest
import sympy

from modelcollapse.numerics.sampling import BANDED, LAZY_GAUSSIAN, NAIVE, ONE_DESIGN, WISHART, Banded
from modelcollapse.numerics.sampling.backends import JaxBackend
from modelcollapse.numerics.sampling.choice import choose
from modelcollapse.numerics.simulation import simulate
from modelcollapse.theory.problem import (
    Chain,
    Isotropic,
    MinimumNorm,
    NotCertified,
    Population,
    PowerLaw,
    Ridge,
    SpecificationError,
    UniformTarget,
    accumulate,
    replace,
)

SYMBOL = sympy.Symbol("c", positive=True)
ISOTROPIC = Population(Isotropic(30), UniformTarget())
STEEP = Population(PowerLaw(400, 1.0), UniformTarget())

ON_DEVICES = """
import jax
import numpy as np
import modelcollapse as mc
from modelcollapse.numerics.sampling import NAIVE, SUFFICIENT_STATISTICS, VERIFIED_STATISTICS, Banded
from modelcollapse.numerics.sampling.backends import JaxBackend
chain = mc.replace(mc.Population(mc.Isotropic(1000), mc.UniformTarget()), 2, 3000, 0.5, mc.Ridge(0.1))
banded = Banded(JaxBackend(batch=64)).work(chain, seed=1).batch(0, 64)
loop = mc.replace(mc.Population(mc.PowerLaw(6, 1.2), mc.UniformTarget()), 2, [9, 5], 0.4, mc.Ridge(0.05))
judged = mc.verify(loop, mc.TopShare(mc.UniformTarget(0.2), 0.6))
plain = loop.with_(estimator=mc.MinimumNorm())
arms = (NAIVE, plain), (SUFFICIENT_STATISTICS, plain), (VERIFIED_STATISTICS, judged)
rows = np.concatenate([mc.simulate(chain, 70, seed=2, sampler=sampler).errors for sampler, chain in arms])
print(jax.local_device_count(), *(errors.astype("<f8").tobytes().hex() for errors in (banded, rows)))
"""


def on_devices(count):
    """What a process with so many devices prints; killed when it hangs."""
    flags = f"{os.environ['XLA_FLAGS']} --xla_force_host_platform_device_count={count}"
    run = subprocess.run(
        [sys.executable, "-c", ON_DEVICES],
        env=os.environ | {"XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"},
        capture_output=True,
        text=True,
        timeout=200,
        check=True,
    )
    devices, *errors = run.stdout.split()
    assert int(devices) == count
    return [np.frombuffer(bytes.fromhex(one), "<f8") for one in errors]


@pytest.fixture(scope="module")
def one_and_two():
    """The errors of `Banded`, then those of samplers of rows, on one device and on two."""
    return tuple(zip(on_devices(1), on_devices(2), strict=True))


def test_several_devices_give_the_same_numbers(one_and_two):
    alone, shared = one_and_two[0]
    np.testing.assert_allclose(alone, shared, rtol=1e-12)


def test_samplers_of_rows_on_several_devices_change_no_bit(one_and_two):
    """A full batch on each of two devices, and a part of one: each device computes what one alone would."""
    alone, shared = one_and_two[1]
    np.testing.assert_array_equal(alone, shared)


@pytest.mark.parametrize(
    ("sampler", "chain"),
    [
        (BANDED, replace(ISOTROPIC, 2, 60, 0.3, Ridge(0.1))),
        (ONE_DESIGN, accumulate(ISOTROPIC, 3, 40, 0.3, Ridge(0.1), same_rows=True)),
    ],
)
def test_processes_change_no_bit(sampler, chain):
    count = 2200 if sampler is BANDED else 70
    here = simulate(chain, count, seed=3, sampler=sampler)
    there = simulate(chain, count, seed=3, sampler=sampler, processes=2)
    np.testing.assert_array_equal(here.errors, there.errors)


@pytest.mark.parametrize("sampler", [BANDED, WISHART, NAIVE, LAZY_GAUSSIAN])
def test_what_overflows_stops_by_name(sampler):
    chain = replace(ISOTROPIC, 2, 60, 1e160, Ridge(0.1))
    with pytest.raises(NotCertified, match="replicate"), np.errstate(all="ignore" if sampler is WISHART else "raise"):
        simulate(chain, 4, sampler=sampler)


@pytest.mark.parametrize(
    ("chain", "chosen"),
    [
        (replace(STEEP, 2, 900, 0.3, MinimumNorm()), "LeastSquaresWalk"),
        (replace(ISOTROPIC, 2, 20, 0.3, Ridge(0.1)), "Banded"),
        (accumulate(ISOTROPIC, 3, 40, 0.3, Ridge(0.1), same_rows=True), "OneDesign"),
        (replace(STEEP, 2, 900, 0.3, Ridge(0.1)), "LazyGaussian"),
        (accumulate(STEEP, 2, 900, 0.3, Ridge(0.1)), "LazyGaussian"),
        (replace(STEEP, 2, 300, 0.3, Ridge(1e-9)), "Wishart"),
        (replace(Population(PowerLaw(30, 1.0), UniformTarget()), 2, 100, 0.3, Ridge(0.1)), "SufficientStatistics"),
        (replace(Population(PowerLaw(30, 1.0), UniformTarget()), 2, 40, 0.3, Ridge(0.1)), "Naive"),
    ],
)
def test_the_choice_is_the_fastest_that_is_exact(chain, chosen):
    sampler, why = choose(chain)
    assert type(sampler).__name__ == chosen
    assert sampler.title in why


@pytest.mark.parametrize(
    ("sampler", "chain", "reason"),
    [
        (BANDED, replace(STEEP, 2, 900, 0.3, Ridge(0.1)), "levels"),
        (ONE_DESIGN, replace(ISOTROPIC, 2, 60, 0.3, Ridge(0.1)), "rows of their own"),
        (WISHART, accumulate(ISOTROPIC, 3, 40, 0.3, Ridge(0.1)), "remembered"),
    ],
)
def test_a_sampler_that_is_not_exact_is_refused_with_its_reason(sampler, chain, reason):
    with pytest.raises(SpecificationError, match=f"^sampler.*{reason}"):
        simulate(chain, 4, sampler=sampler)


def test_a_continuation_on_other_numbers_is_refused():
    chain = replace(ISOTROPIC, 2, 60, 0.3, Ridge(0.1))
    first = simulate(chain, 4, sampler=BANDED)
    other = simulate(chain, 4, start=4, sampler=Banded(JaxBackend(batch=8)))
    with pytest.raises(SpecificationError, match=r"^sampler"):
        first.extended(other)


def test_a_model_off_the_truth_costs_no_array_as_long_as_the_spectrum():
    population = Population(Isotropic(10**10), UniformTarget())
    chain = Chain(population, replace(population, 2, 2 * 10**10, 0.3, Ridge(0.1)).generations, UniformTarget(0.5))
    assert type(choose(chain)[0]).__name__ == "Banded"
    assert type(choose(chain.with_(estimator=MinimumNorm()))[0]).__name__ == "LeastSquaresWalk"


@pytest.mark.parametrize(
    "population", [(Isotropic(20, SYMBOL), UniformTarget()), (Isotropic(20), UniformTarget(SYMBOL))]
)
def test_symbols_are_refused_where_nothing_depends_on_them(population):
    with pytest.raises(SpecificationError, match="a number"):
        simulate(replace(Population(*population), 2, 60, 0.3, MinimumNorm()), 4)
