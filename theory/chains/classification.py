"""Classification chains as the mathematics that covers them: which directions the labels and their selection see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias, final

from ..problem.classification import ClassificationChain, Flips, KeepRates, LinearLabels, LinearVerifier
from ..problem.errors import NothingKept


@final
@dataclass(frozen=True)
class NoDirection:
    """Labels are wrong at the rate p and kept at rates of their own, whatever x is."""

    error_rate: Any
    keep_right: Any
    keep_wrong: Any


@final
@dataclass(frozen=True)
class OneHalfSpace:
    """The right side of one direction, of the given cosine to mu, is kept at the rate r_1 and the other one at r_2."""

    cosine: Any
    right: Any
    wrong: Any


@final
@dataclass(frozen=True)
class TwoHalfSpaces:
    """Labels by a direction, kept where another one agrees: cosines to mu, and of the two."""

    generator: Any
    verifier: Any
    between: Any


Directions: TypeAlias = NoDirection | OneHalfSpace | TwoHalfSpaces


def directions_of(chain: ClassificationChain) -> Directions:
    """The directions behind a chain; a verifier that is its generator keeps everything.

    Raises:
        NothingKept: for a verifier that is the opposite of its generator.

    >>> from modelcollapse.theory.problem import *
    >>> directions_of(ClassificationChain(GaussianMixture(1.5, 30), 100, LinearLabels(0.6), None, Ridge(0.1)))
    OneHalfSpace(cosine=0.6, right=1.0, wrong=1.0)
    """
    generator, verifier = chain.generator, chain.verifier
    rates = KeepRates(1.0, 1.0) if verifier is None else verifier
    if isinstance(generator, Flips):
        if isinstance(rates, KeepRates):
            return NoDirection(generator.rate, rates.right, rates.wrong)
        return OneHalfSpace(rates.cosine, 1.0 - generator.rate, generator.rate)
    if isinstance(rates, KeepRates):
        return OneHalfSpace(generator.cosine, rates.right, rates.wrong)
    return _two(generator, rates)


def _two(generator: LinearLabels, verifier: LinearVerifier) -> Directions:
    between = verifier.to_generator
    if isinstance(between, float) and between == 1:
        return OneHalfSpace(generator.cosine, 1.0, 1.0)
    if isinstance(between, float) and between == -1:
        raise NothingKept(0.0)
    return TwoHalfSpaces(generator.cosine, verifier.cosine, between)
