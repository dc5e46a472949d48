r"""The mean labeller of rows with several labellers, with the generation for an index: what `derive` prints.

Beside Q, P and U of theory/chains/forward.py a model has the share R_k of every offset o_k of a shifted truth. With
the products tau = s E w_0^2, delta_k = s E o_k^2 and tau_k = s E w_0 o_k of truth and offsets in a direction (zero
where they are independent and one of them is centred), the mean labeller of a generation, a_0 times the model before
and a_k times o_k beside the truth, has the shares R_k^theta = theta R_k + a_k, the square T of its mean is that of
Q^theta and R_k^theta, and the disagreement A is the covariance of (a_0, a_1, ...) over the rows times the products of
the error before and the offsets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

import sympy

from ..problem import checks
from ..problem import notation as x
from ..problem.chain import Chain
from ..problem.labels import Shifted
from ..rules.several_labellers import DISAGREEMENT, LABELLER_VARIANCE
from ..rules.trace import Trace
from .forward import BLENDED, Program, blend_definitions
from .labelling import Labelling
from .products import is_centred


@final
@dataclass(frozen=True)
class Labeller:
    """The mean labeller of a generation's rows.

    Attributes:
        mean: definitions of its state.
        disagreement: definition of A, empty where all rows have one labeller.
        replaced: what replaces the square of the mean and the label noise in a rule.
        values: the numbers of the letters in it.
    """

    mean: Program
    disagreement: Program
    replaced: Mapping[Any, Any]
    values: Program


@final
@dataclass(frozen=True)
class Vectors:
    """Truth and offsets.

    Attributes:
        products: symbols of s E v_i v_j, 0 where it vanishes; the truth is v_0.
    """

    products: tuple[tuple[Any, ...], ...]

    @classmethod
    def of(cls, chain: Chain, offsets: tuple[Shifted, ...]) -> Vectors:
        """Those of a chain."""
        targets = [chain.population.target, *(shift.offset for shift in offsets)]
        centred = [is_centred(target, chain.population.spectrum) for target in targets] if offsets else [False]
        count = range(len(targets))
        return cls(tuple(tuple(_product(i, j, centred) for j in count) for i in count))

    def between(self, first: Any, second: Any) -> Any:
        """The product of two combinations of truth and offsets, a function of the direction."""
        pairs = [(i, j) for i in range(len(self.products)) for j in range(len(self.products))]
        return sympy.Add(*(first[i] * second[j] * self.products[i][j] for i, j in pairs))

    def error(self, generation: Any) -> Any:
        """tr of the square of the mean error and of the variance."""
        own = self._error(generation)
        return Trace(self.between(own, own) + x.at(x.spread, generation))

    def labeller(self, labelling: Labelling, generation: Any, before: Any, names: Any) -> Labeller:
        """The mean labeller of a generation's rows, and their disagreement."""
        mean = list(blend_definitions(generation, before, names))
        values: list[tuple[Any, Any]] = []
        shares, replaced = [x.at(BLENDED[x.kept], generation)], dict[Any, Any]()
        for k in range(1, len(self.products)):
            share = _named(f"a_{k},{generation}", labelling.mean[k], values)
            shares.append(x.spectral(f"R^theta_{k},{generation}"))
            mean.append((shares[-1], names[x.share] * _shift(k, before) + share))
        if len(shares) > 1:
            replaced[x.mean_square] = x.at(x.mean_square, generation)
            mean.append((replaced[x.mean_square], self.between(shares, shares)))
        if not labelling.disagrees:
            return Labeller(tuple(mean), (), replaced, tuple(values))
        symbol = x.at(x.disagreement, generation)
        replaced[x.noise] = names[x.noise] ** 2 + symbol
        lines = ((symbol, self._disagreement(labelling.covariance, generation, before, values)),)
        return Labeller(tuple(mean), lines, replaced, tuple(values))

    def shifts(self, kept: Any, generation: Any) -> Program:
        """The shares of the offsets in the new model, those in its labels times the share that it keeps."""
        return tuple(
            (_shift(k, generation), kept * x.spectral(f"R^theta_{k},{generation}"))
            for k in range(1, len(self.products))
        )

    def start(self, before: Any) -> Program:
        """No offset has a share in model 0."""
        return tuple((_shift(k, before), sympy.S.Zero) for k in range(1, len(self.products)))

    def _disagreement(self, covariance: Any, generation: Any, before: Any, values: list[tuple[Any, Any]]) -> Any:
        own = x.at(LABELLER_VARIANCE, generation)
        state = {x.lost: x.at(x.lost, before), x.spread: x.at(x.spread, before), LABELLER_VARIANCE: own}
        values.append((own, covariance[0, 0]))
        if len(self.products) == 1:
            return DISAGREEMENT.result.subs(state, simultaneous=True)
        units = [self._error(before), *(_unit(k, len(self.products)) for k in range(1, len(self.products)))]
        total = own * self.error(before)
        for i in range(len(units)):
            for j in range(max(i, 1), len(units)):
                share = _named(f"V_{i}{j},{generation}", covariance[i, j], values)
                total += (1 if i == j else 2) * share * Trace(self.between(units[i], units[j]))
        return total

    def _error(self, generation: Any) -> list[Any]:
        return [-x.at(x.lost, generation), *(_shift(k, generation) for k in range(1, len(self.products)))]


def _shift(k: int, generation: Any) -> Any:
    """R_k, the share of an offset in the model of a generation."""
    return x.spectral(f"R_{k},{generation}")


def _unit(k: int, count: int) -> list[Any]:
    return [sympy.Integer(int(i == k)) for i in range(count)]


def _product(i: int, j: int, centred: list[bool]) -> Any:
    if i == j:
        return x.tau if i == 0 else x.spectral(f"delta_{i}")
    if centred[i] or centred[j]:
        return sympy.S.Zero
    first, second = sorted((i, j))
    return x.spectral(f"tau_{second}" if first == 0 else f"delta_{first},{second}")


def _named(name: str, value: Any, values: list[tuple[Any, Any]]) -> Any:
    """A letter for a number, which is remembered; nothing for nothing."""
    if checks.is_concrete(value) and value == 0:
        return sympy.S.Zero
    values.append((x.scalar(name), value))
    return x.scalar(name)
