"""Chains of ridge fits over arrays of rows, penalties and noises: a hundred thousand points in one call."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, final

import jax
import jax.numpy as jnp
import numpy as np

from ..chains.family import Reading, reading_of, require_chain
from ..chains.reading import Step
from ..problem import checks
from ..problem.chain import Chain
from ..problem.errors import NotCertified, NoTheorem, SpecificationError
from ..problem.memory import Forget
from ..rules.resolvent import RESOLVENT
from .inputs import (
    COARSE,
    FINE,
    Generations,
    Inputs,
    Spectra,
    generation_inputs,
    is_compressed,
    kept_spectra,
    rules_used,
)
from .numbers_only import refuse_symbols
from .outcome import COMPRESSION_TOLERANCE, offsets_in
from .prediction import predict
from .recursion import recursion
from .stages import WORST_CONDITION

AT_ONCE, SIDE_BY_SIDE = 4096, 32  # points in a call, and points whose arrays stay in the cache
_INSTEAD = "predict(chain), point by point"


@final
class ErrorsOver(NamedTuple):
    """The error of a chain at every point, NumPy float64 of shape (*points, generations).

    Attributes:
        error: excess error, bias + variance.
        bias: the noise-free error.
        variance: what label noise injects.
    """

    error: Any
    bias: Any
    variance: Any


def errors_over(chain: Chain, *, rows: Any = None, penalty: Any = None, noise: Any = None) -> ErrorsOver:
    """What `predict` gives for a chain of ridge fits, over arrays of rows, penalties and noises.

    Args:
        chain: ridge fits in every generation, each on one source of fresh rows of weight 1, that is all a fit sees;
            what is not given below is the chain's own.
        rows: of every generation, whole numbers >= 1.
        penalty: of every fit, > 0.
        noise: of all labels, >= 0.

    Arrays are broadcast against each other; all points are evaluated by one program, on the compressed spectrum. Where
    two compressions differ by more than 1e-12 of the error, `predict` is asked.

    Returns:
        An `ErrorsOver` of the broadcast shape; deterministic equivalents.

    Raises:
        NoTheorem: for other chains.
        NotCertified: naming the first point whose effective ridge, or whose rounding, is not certified.
        SpecificationError: for impossible values.

    Source: theory/rules/resolvent.py, by the recursion of `predict`.

    >>> from modelcollapse.theory.problem import *
    >>> chain = replace(Population(Isotropic(10), UniformTarget()), generations=3, rows=30, noise=0.5)
    >>> errors_over(chain, rows=[[20], [30]], penalty=[0.1, 0.2]).error.shape
    (2, 2, 3)
    """
    require_chain(chain)
    refuse_symbols(chain)
    reading = reading_of(chain)
    require_plain(chain, reading)
    assert isinstance(reading, tuple)
    named = {"rows": rows, "penalty": penalty, "noise": noise}
    given = {name: checked(name, value) for name, value in named.items() if value is not None}
    points = dict(zip(given, np.broadcast_arrays(*given.values()), strict=True)) if given else {}
    shape = next(iter(points.values())).shape if points else ()
    checks.require_memory("points", float(np.prod(shape)), 8 * 8 * len(chain))
    flat = {name: values.ravel() for name, values in points.items()}
    parts, sure, agreed = parts_over(chain, reading, flat, AT_ONCE)
    if not sure.all():
        place = int(np.flatnonzero(~sure)[0])
        where = ", ".join(f"{name} = {values[place]}" for name, values in flat.items())
        raise NotCertified(f"the error at {where} is not certified: it is outside the range of float64")
    for index in np.flatnonzero(~agreed):
        exact = predict(chain.with_(**{name: values[index].item() for name, values in flat.items()}))
        parts[index] = np.stack([exact.bias, exact.variance], axis=1)
    bias, variance = (parts[..., part].reshape(*shape, len(chain)) for part in (0, 1))
    return ErrorsOver(bias + variance, bias, variance)


def parts_over(chain: Chain, reading: tuple[Step, ...], flat: dict[str, Any], at_once: int) -> tuple[Any, Any, Any]:
    """Bias and variance at every point, shape (points, generations, 2), where they are certified, and not in doubt.

    Args:
        chain: ridge fits on fresh rows, see `require_plain`.
        reading: of the chain.
        flat: what changes, with one value for each point.
        at_once: how many points are given to one call; fewer ones are filled up to a power of two.
    """
    injection = np.stack([np.zeros(len(chain)), np.ones(len(chain))], axis=1)
    with jax.enable_x64(True):
        template = generation_inputs(reading, injection)
        parts, sure = _parts(chain, reading, template, flat, COARSE, at_once)
        if not is_compressed(chain.population):
            return parts, sure, np.ones_like(sure)
        finer, also_sure = _parts(chain, reading, template, flat, FINE, at_once)
    return parts, sure & also_sure, _close(parts, finer)


def _parts(
    chain: Chain, reading: Reading, template: Generations, flat: dict[str, Any], fineness: int, at_once: int
) -> tuple[Any, Any]:
    """Bias and variance at every point on one compression, and where they are certified."""
    spectra = jax.tree.map(jnp.asarray, kept_spectra(chain.population, offsets_in(reading), fineness))
    rank = jnp.float64(chain.population.spectrum.rank())
    count = next(iter(flat.values())).size if flat else 1
    used = rules_used(Inputs(spectra, rank, template))
    # One effective ridge for all generations, where they have one number of rows and one penalty.
    own = {"rows": template.rows, "penalty": template.penalty}
    same = all(name in flat or np.all(values == values[0]) for name, values in own.items())
    alike = (0,) * len(chain) if same else None
    found, block = [], min(at_once, 1 << (count - 1).bit_length())
    for first in range(0, count, block):
        piece = {name: _padded(values[first : first + block], block) for name, values in flat.items()}
        answers = _compiled(spectra, rank, template, piece, used, alike, block)
        found.append([np.asarray(part)[: count - first] for part in answers])
    parts, sure = (np.concatenate(pieces) for pieces in zip(*found, strict=True))
    return parts, sure


@partial(jax.jit, static_argnames=("used", "alike", "count"))
def _compiled(
    spectra: Spectra,
    rank: Any,
    template: Generations,
    points: dict[str, Any],
    used: tuple[int, ...],
    alike: tuple[int, ...] | None,
    count: int,
) -> Any:
    def at(index: Any) -> Any:
        own = template
        for name, values in points.items():
            parameter = _PARAMETERS[name]
            value = jnp.full(template.rule.shape, parameter.as_field(values[index]))
            own = own._replace(**{parameter.field: value})
        outcome = recursion(Inputs(spectra, rank, own), used, alike)
        sure = jnp.all(outcome.root.certified) & jnp.all(jnp.asarray(outcome.condition) <= WORST_CONDITION)
        return outcome.errors, sure

    return jax.lax.map(at, jnp.arange(count), batch_size=SIDE_BY_SIDE)


def require_plain(chain: Chain, reading: Reading) -> None:
    """What lets a point differ from the chain in numbers only.

    Raises:
        NoTheorem: for other chains, naming the hypothesis that fails.
    """
    ridge = isinstance(reading, tuple) and all(step.rule is RESOLVENT for step in reading)
    if not ridge:
        raise NoTheorem("every fit is ridge regression on fresh rows", _INSTEAD)
    for number, step in enumerate(chain.generations, start=1):
        if len(step.sources) != 1 or not isinstance(step.memory, Forget):
            raise NoTheorem(f"a fit sees one source of its own generation (not generation {number})", _INSTEAD)
        if step.generated[0].weight != 1:
            raise NoTheorem(f"rows have weight 1 (not in generation {number})", _INSTEAD)


def checked(name: str, value: Any) -> Any:
    """Values of rows, penalties or noises.

    Raises:
        SpecificationError: naming the first impossible one.
    """
    array = np.asarray(value, dtype=np.float64)
    good = _PARAMETERS[name].allows(array)
    if not good.all():
        raise SpecificationError(name, float(array[~good].ravel()[0]), _PARAMETERS[name].allowed)
    return array.astype(np.int64) if name == "rows" else array


def _padded(values: Any, count: int) -> Any:
    """As many points as are compiled for, the last one repeated."""
    return jnp.asarray(np.pad(values, (0, count - values.size), mode="edge"), dtype=jnp.float64)


def _close(coarse: Any, fine: Any) -> Any:
    """Whether both compressions agree at each point."""
    return np.all(np.abs(coarse - fine) <= COMPRESSION_TOLERANCE * np.abs(fine), axis=(1, 2))


_LARGEST = float(np.finfo(np.float64).max)


class _Parameter(NamedTuple):
    """A parameter of every generation: what is allowed, and which array it becomes."""

    allows: Callable[[Any], Any]
    allowed: str
    field: str
    as_field: Callable[[Any], Any] = lambda value: value


_PARAMETERS = {
    "rows": _Parameter(
        lambda a: (a >= 1) & (a < checks.LARGEST_SIZE) & (a == np.floor(a)), "whole numbers >= 1", "rows"
    ),
    "penalty": _Parameter(lambda a: (a > 0) & (a <= _LARGEST), "numbers > 0", "penalty"),
    "noise": _Parameter(lambda a: (a >= 0) & (a <= _LARGEST), "numbers >= 0", "noise_squared", lambda value: value**2),
}
