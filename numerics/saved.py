"""Simulations read back from JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..theory.problem import checks
from ..theory.problem.errors import SpecificationError
from ..theory.results.chains import chain_from
from ..theory.results.plain import numbers
from .designs import GAUSSIAN, RADEMACHER, Design, ResampledRows, StudentT
from .measurement.label_noise import DRAWN, INTEGRATED

_NOISES = {type(noise).__name__: noise for noise in (DRAWN, INTEGRATED)}


def simulation_fields(record: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a `Simulation` from what its `to_dict` wrote.

    Raises:
        SpecificationError: naming the field that is missing or does not fit the chain.
    """
    chain, errors = chain_from(record), numbers(record, "errors", 2)
    if errors.shape[0] < 1 or errors.shape[1] != len(chain):
        raise SpecificationError("errors", errors.shape, f"replicates of {len(chain)} errors, one for each generation")
    noise, sampler, interrupted = record.get("noise"), record.get("sampler"), record.get("interrupted")
    if not isinstance(noise, str) or noise not in _NOISES:
        raise SpecificationError("noise", noise, f"one of {', '.join(_NOISES)}")
    if not isinstance(sampler, str):
        raise SpecificationError("sampler", sampler, "a text")
    if not isinstance(interrupted, bool):
        raise SpecificationError("interrupted", interrupted, "true or false")
    return {
        "chain": chain,
        "errors": errors,
        "seed": checks.concrete_size("seed", record.get("seed"), least=0),
        "noise": _NOISES[noise],
        "design": _design(record),
        "start": checks.concrete_size("start", record.get("start"), least=0),
        "interrupted": interrupted,
        "sampler": sampler,
    }


def _design(record: Mapping[str, Any]) -> Design:
    match record.get("design"):
        case "Gaussian":
            return GAUSSIAN
        case "Rademacher":
            return RADEMACHER
        case "StudentT":
            return StudentT(record.get("design_freedom"))
        case "ResampledRows":
            return ResampledRows(numbers(record, "design_rows", 2))
        case other:
            raise SpecificationError("design", other, "Gaussian, Rademacher, StudentT or ResampledRows")
