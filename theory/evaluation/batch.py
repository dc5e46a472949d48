"""Many chains at once: those of equal shape are evaluated in one compiled call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias

import jax
import numpy as np

from ..chains.family import Reading, reading_of
from ..problem.chain import Chain
from ..problem.errors import ModelCollapseError
from .inputs import COARSE, FINE, Inputs, generation_inputs, is_compressed, kept_spectra, rules_used
from .numbers_only import refuse_symbols
from .outcome import agree, offsets_in
from .prediction import Prediction, as_prediction, predict
from .recursion import Outcome, recursion

Answer: TypeAlias = Prediction | ModelCollapseError


def predict_all(chains: Sequence[Chain]) -> list[Prediction]:
    """One `Prediction` for each chain; chains of equal shape (generations, nodes) are evaluated together.

    Raises:
        ModelCollapseError: as `predict`, for the first chain that it refuses.
    """
    readings = dict(enumerate(map(_read, chains)))
    outcomes = _agreed(chains, readings)
    return [_prediction(chain, readings[index], outcomes.get(index)) for index, chain in enumerate(chains)]


def attempt_all(chains: Sequence[Chain]) -> list[Answer]:
    """As `predict_all`, with the refusal of a chain in the place of its prediction."""
    answers: dict[int, Answer] = {}
    readings: dict[int, Reading] = {}
    for index, chain in enumerate(chains):
        try:
            readings[index] = _read(chain)
        except ModelCollapseError as refusal:
            answers[index] = refusal
    outcomes = _agreed(chains, readings)
    for index, reading in readings.items():
        try:
            answers[index] = _prediction(chains[index], reading, outcomes.get(index))
        except ModelCollapseError as refusal:
            answers[index] = refusal
    return [answers[index] for index in range(len(chains))]


def _read(chain: Chain) -> Reading:
    refuse_symbols(chain)
    return reading_of(chain)


def _prediction(chain: Chain, reading: Reading, outcome: Outcome | None) -> Prediction:
    """From what was evaluated together, or by itself."""
    return predict(chain) if outcome is None else as_prediction(chain, reading, outcome)


def _agreed(chains: Sequence[Chain], readings: Mapping[int, Reading]) -> dict[int, Outcome]:
    """The outcomes of the chains that are read step by step, but for those on which two compressions differ."""
    stepwise = [index for index, reading in readings.items() if isinstance(reading, tuple)]
    outcomes = _outcomes(chains, readings, stepwise, COARSE)
    compressed = [index for index in stepwise if is_compressed(chains[index].population)]
    finer = _outcomes(chains, readings, compressed, FINE)
    return {index: outcome for index, outcome in outcomes.items() if index not in finer or agree(outcome, finer[index])}


def _outcomes(
    chains: Sequence[Chain], readings: Mapping[int, Reading], wanted: list[int], nodes_per_bin: int
) -> dict[int, Outcome]:
    """Evaluate the wanted chains, those of equal shape in one call."""
    problems: dict[int, Inputs] = {}
    outcomes: dict[int, Outcome] = {}
    with jax.enable_x64(True):
        for index in wanted:
            chain, steps = chains[index], readings[index]
            assert isinstance(steps, tuple)
            spectra = kept_spectra(chain.population, offsets_in(steps), nodes_per_bin)
            injection = np.stack([np.zeros(len(chain)), np.ones(len(chain))], axis=1)
            rank = np.float64(chain.population.spectrum.rank())
            problems[index] = Inputs(spectra, rank, generation_inputs(steps, injection), np.float64(1.0))
        for (*_, used, alike), members in _by_shape(problems).items():
            padded = members + members[-1:] * (_rounded_up(len(members)) - len(members))
            batch = jax.tree.map(lambda *parts: np.stack(parts), *(problems[member] for member in padded))
            result = jax.tree.map(np.asarray, _compiled_batch(batch, used, alike))
            for position, member in enumerate(members):
                outcomes[member] = jax.tree.map(lambda part, at=position: part[at], result)
    return outcomes


def _rounded_up(count: int) -> int:
    """The next power of two, so that groups of many sizes share few compilations."""
    return 1 << (count - 1).bit_length()


@partial(jax.jit, static_argnames=("used", "alike"))
def _compiled_batch(batch: Inputs, used: tuple[int, ...], alike: tuple[int, ...]) -> Outcome:
    return jax.vmap(lambda problem: recursion(problem, used, alike))(batch)


def _by_shape(problems: Mapping[int, Inputs]) -> dict[Any, list[int]]:
    """Chains of equal arrays, with the same rules, and with the same generations alike."""
    groups: dict[Any, list[int]] = {}
    for index, problem in problems.items():
        shape = problem.spectra.products.shape, problem.generations.injection.shape
        groups.setdefault((*shape, rules_used(problem), _alike(problem)), []).append(index)
    return groups


def _alike(problem: Inputs) -> tuple[int, ...]:
    """For each generation the first with the same effective ridge: there are ten of one kind more often than not."""
    own = problem.generations
    fits = list(zip(own.rule.tolist(), own.rows.tolist(), own.width.tolist(), own.penalty.tolist(), strict=True))
    first: dict[Any, int] = {}
    return tuple(first.setdefault(fit, place) for place, fit in enumerate(fits))
