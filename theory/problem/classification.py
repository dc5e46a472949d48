"""Classification by a verified linear model: the set-up of *Beyond Model Collapse*, declared.

Two classes y = +-1 with x = y mu + z, z ~ N(0, I): labels come from a generator that errs, a verifier keeps some of
them, and a ridge classifier is fitted to what is kept. Not read by theory or simulation yet; both say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias, final

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
    """Labels that agree with the sign of x'w_v are kept; w_v has the given cosines to mu and to the generator."""

    cosine: Scalar
    to_generator: Scalar

    def __post_init__(self) -> None:
        object.__setattr__(self, "cosine", _cosine("cosine", self.cosine))
        object.__setattr__(self, "to_generator", _cosine("to_generator", self.to_generator))


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
            _require("verifier", self.generator, LinearLabels, "LinearVerifier only beside LinearLabels")


def _cosine(field: str, value: Scalar) -> Scalar:
    value = checks.real(field, value)
    if isinstance(value, float) and not -1 <= value <= 1:
        raise SpecificationError(field, value, "a number from -1 to 1")
    return value


def _require(field: str, value: Any, kind: Any, allowed: str) -> None:
    if not isinstance(value, kind):
        raise SpecificationError(field, value, allowed)
