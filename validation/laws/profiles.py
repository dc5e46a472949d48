"""How hard laws are tried: settings that are handed to Hypothesis and never made its own."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import HealthCheck, Phase, settings

from ...theory.problem import SpecificationError


def _settings(examples: int, *, deterministic: bool = False) -> settings:
    return settings(
        max_examples=examples,
        derandomize=deterministic,
        deadline=None,
        database=None,
        print_blob=False,
        report_multiple_bugs=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )


PROFILES: Mapping[str, settings] = {
    "ci": _settings(25, deterministic=True),
    "dev": _settings(60),
    "thorough": _settings(1000),
}


def profile_named(name: str) -> settings:
    """The settings of a profile: "ci" (the same cases every time), "dev" or "thorough".

    >>> profile_named("ci").derandomize, profile_named("thorough").max_examples
    (True, 1000)
    """
    if name not in PROFILES:
        raise SpecificationError("profile", name, " or ".join(repr(known) for known in PROFILES))
    return PROFILES[name]
