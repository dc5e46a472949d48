"""Classification by a verified linear model: the set-up of *Beyond Model Collapse*, declared.

Two classes y = +-1 with x = y mu + z, z ~ N(0, I): labels come from a generator that errs, a verifier keeps some of
them, and a ridge classifier is fitted to what is kept.

Cosines of mu, the generator's w_g and the verifier's w_v must be possible together: the Gram matrix of the three
directions has no negative eigenvalue. Noise of another size is a matter of units: z ~ N(0, sigma^2 I) with |mu| = m is
the mixture of |mu| = m/sigma at the penalty lambda/sigma^2.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeAlias, final

import numpy as np

from . import checks
from .checks import Scalar
from .errors import SpecificationError
from .estimator import Ridge


@final
@dataclass(frozen=True)
class GaussianMixture:
    """x = y mu + z with y = +-1 equally likely and z ~ N(0, I).

    Args:
        mean_norm: |mu| > 0.
        dimension: a whole number >= 2.
    """

    mean_norm: Scalar
    dimension: Any

    def __post_init__(self) -> None:
        object.__setattr__(self, "mean_norm", checks.positive("mean_norm", self.mean_norm))
        object.__setattr__(self, "dimension", checks.size("dimension", self.dimension, least=2))


@final
@dataclass(frozen=True)
class Flips:
    """Labels are wrong with a probability `rate` in [0, 1], whatever x is."""

    rate: Scalar

    def __post_init__(self) -> None:
        object.__setattr__(self, "rate", checks.share("rate", self.rate))


@final
@dataclass(frozen=True)
class LinearLabels:
    """Labels are the signs of x'w_g, for a w_g with the given cosine in [-1, 1] to mu."""

    cosine: Scalar

    def __post_init__(self) -> None:
        object.__setattr__(self, "cosine", _cosine("cosine", self.cosine))


@final
@dataclass(frozen=True)
class KeepRates:
    """Right labels are kept with the probability `right`, wrong ones with `wrong`, both in [0, 1]."""

    right: Scalar
    wrong: Scalar

    def __post_init__(self) -> None:
        object.__setattr__(self, "right", checks.share("right", self.right))
        object.__setattr__(self, "wrong", checks.share("wrong", self.wrong))


@final
@dataclass(frozen=True)
class LinearVerifier:
    """Labels that agree with the sign of x'w_v are kept.

    Args:
        cosine: of w_v and mu, in [-1, 1].
        to_generator: of w_v and the w_g of `LinearLabels`, in [-1, 1]; None beside `Flips`, which have no direction.
    """

    cosine: Scalar
    to_generator: Scalar | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "cosine", _cosine("cosine", self.cosine))
        if self.to_generator is not None:
            object.__setattr__(self, "to_generator", _cosine("to_generator", self.to_generator))


IMPOSSIBLE = 1e-12  # by which the Gram determinant of three directions may miss what is possible, through rounding

Generator: TypeAlias = Flips | LinearLabels
Verifier: TypeAlias = KeepRates | LinearVerifier


@final
@dataclass(frozen=True)
class ClassificationChain:
    """`rows` generated labels, verified, and a ridge classifier fitted to the ones that are kept.

    Args:
        mixture: the two classes.
        rows: generated, a whole number >= 1.
        generator: `Flips` or `LinearLabels`.
        verifier: `KeepRates`, `LinearVerifier`, or None to keep everything.
        estimator: `Ridge(penalty)`.

    Raises:
        SpecificationError: naming the field; "verifier" for cosines that no three directions of the space have.
    """

    mixture: GaussianMixture
    rows: Any
    generator: Generator
    verifier: Verifier | None
    estimator: Ridge

    def __post_init__(self) -> None:
        _require("mixture", self.mixture, GaussianMixture, "a GaussianMixture")
        object.__setattr__(self, "rows", checks.size("rows", self.rows))
        _require("generator", self.generator, Flips | LinearLabels, "Flips(rate) or LinearLabels(cosine)")
        _require("verifier", self.verifier, KeepRates | LinearVerifier | None, "KeepRates, LinearVerifier or None")
        _require("estimator", self.estimator, Ridge, "Ridge(penalty)")
        if isinstance(self.verifier, LinearVerifier):
            _require_possible(self.mixture, self.generator, self.verifier)

    def scaled(self, times: int) -> ClassificationChain:
        """The chain with `times` as many dimensions and rows; the mean's norm and all cosines stay.

        >>> chain = ClassificationChain(GaussianMixture(1.5, 30), 100, Flips(0.2), None, Ridge(0.1)).scaled(2)
        >>> chain.mixture.dimension, chain.rows
        (60, 200)
        """
        times = checks.concrete_size("times", times)
        mixture = replace(self.mixture, dimension=self.mixture.dimension * times)
        return replace(self, mixture=mixture, rows=self.rows * times)


def _require_possible(mixture: GaussianMixture, generator: Generator, verifier: LinearVerifier) -> None:
    """Refuse cosines that no three directions have, and three that need more dimensions than there are."""
    between = verifier.to_generator
    if isinstance(generator, Flips):
        if between is not None:
            raise SpecificationError("to_generator", between, "None: flipped labels have no direction")
        return
    if between is None:
        raise SpecificationError("to_generator", None, "the cosine of w_v and w_g, in [-1, 1]")
    cosines = generator.cosine, verifier.cosine, between
    if not all(isinstance(one, float) for one in cosines):
        return
    first, second, third = cosines
    volume = 1.0 - first**2 - second**2 - third**2 + 2.0 * first * second * third
    if volume < -IMPOSSIBLE:
        reach = float(np.sqrt((1.0 - first**2) * (1.0 - second**2)))
        low, high = first * second - reach, first * second + reach
        raise SpecificationError(
            "verifier",
            f"cosines (generator, mu) = {first:g}, (verifier, mu) = {second:g}, (verifier, generator) = {third:g}",
            f"three directions of a space: (verifier, generator) from {low:.6g} to {high:.6g} beside the other two",
        )
    if volume > IMPOSSIBLE and mixture.dimension == 2:
        raise SpecificationError("dimension", 2, "a whole number >= 3 for three directions that lie in no plane")


def _cosine(field: str, value: Scalar) -> Scalar:
    value = checks.real(field, value)
    if isinstance(value, float) and not -1 <= value <= 1:
        raise SpecificationError(field, value, "a number from -1 to 1")
    return value


def _require(field: str, value: Any, kind: Any, allowed: str) -> None:
    if not isinstance(value, kind):
        raise SpecificationError(field, value, allowed)
