"""Who labels which source, as shares of a basis: the models that are remembered and the offsets that are drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, assert_never

import numpy as np
from numpy.typing import NDArray

from ...theory.problem.chain import Chain
from ...theory.problem.labels import (
    Blend,
    LabelledBy,
    Labels,
    Lottery,
    Previous,
    Recorded,
    Shifted,
    Simple,
    Truth,
    labellers,
)
from .numbers import number
from .registers import Life, allocate


@dataclass(frozen=True)
class Labelling:
    """Label minus the truth's label = sum_b share_b z'basis_b + recorded * (the row's old label) + noise.

    The basis is the models in their slots, then the offsets. An option is what a `Lottery` can draw.
    """

    slots: int
    offsets: tuple[Shifted, ...]
    write: NDArray[np.int64]  # (generations,) slot of each model, `slots` where no one asks for it
    share: NDArray[np.float64]  # (generations, sources, options, basis)
    recorded: NDArray[np.float64]  # (generations, sources, options)
    chance: NDArray[np.float64]  # (generations, sources, options) cumulated probabilities


def labelling(chain: Chain) -> Labelling:
    """Read who labels; a Markov chain has one slot."""
    last = _last_uses(chain)
    models = sorted(last)
    places, slots = allocate([Life(model, last[model], 1) for model in models])
    slot_of = {model: int(place[0]) for model, place in zip(models, places, strict=True)}
    offsets = _distinct_offsets(chain)
    slots = max(slots, 1)
    sources = max(len(step.generated) for step in chain.generations)
    options = max(len(_options(s.labels)) for step in chain.generations for s in step.generated)
    shape = len(chain), sources, options
    share, recorded, chance = np.zeros((*shape, slots + len(offsets))), np.zeros(shape), np.ones(shape)
    for g, step in enumerate(chain.generations):
        for s, source in enumerate(step.generated):
            drawn = _options(source.labels)
            chance[g, s, : len(drawn)] = np.cumsum([probability for probability, _ in drawn])
            chance[g, s, len(drawn) - 1 :] = 1.0
            for o, (_, parts) in enumerate(drawn):
                for labeller, part in parts:
                    if isinstance(labeller, Recorded):
                        recorded[g, s, o] += part
                        continue
                    model = _model(labeller, g + 1)
                    if model is not None:
                        share[g, s, o, slot_of[model]] += part
                    elif isinstance(labeller, Shifted):
                        share[g, s, o, slots + offsets.index(labeller)] += part
    write = np.array([slot_of.get(g, slots) for g in range(1, len(chain) + 1)], np.int64)
    return Labelling(slots, offsets, write, share, recorded, chance)


def _last_uses(chain: Chain) -> dict[int, int]:
    """The last generation that asks each model for labels."""
    last: dict[int, int] = {}
    for g, labeller in _asked(chain):
        model = _model(labeller, g)
        if model is not None:
            last[model] = g
    return last


def _asked(chain: Chain) -> Iterator[tuple[int, Simple]]:
    for g, step in enumerate(chain.generations, start=1):
        for source in step.generated:
            yield from ((g, labeller) for labeller in labellers(source.labels))


def _model(labeller: Simple, generation: int) -> int | None:
    """Number of the model that answers, None where it is no model."""
    match labeller:
        case Previous():
            return generation - 1
        case LabelledBy():
            return labeller.generation
        case Truth() | Shifted() | Recorded():
            return None
        case _:
            assert_never(labeller)


def _distinct_offsets(chain: Chain) -> tuple[Shifted, ...]:
    found: list[Shifted] = []
    for _, labeller in _asked(chain):
        if isinstance(labeller, Shifted) and labeller not in found:
            found.append(labeller)
    return tuple(found)


def _options(labels: Labels) -> list[tuple[float, list[tuple[Any, float]]]]:
    """(probability, [(labeller, share), ...]) of everything that may label a row."""
    if isinstance(labels, Lottery):
        return [(number("probability", p), _options(part)[0][1]) for part, p in labels.parts]
    if isinstance(labels, Blend):
        return [(1.0, [(part, number("share", share)) for part, share in labels.parts])]
    return [(1.0, [(labels, 1.0)])]
