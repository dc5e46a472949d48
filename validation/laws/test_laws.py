"""The laws as tests, one for each: `pytest --pyargs modelcollapse.validation.laws`."""

from __future__ import annotations

from ...theory.problem import MissingExtra

try:
    import pytest
except ImportError:
    raise MissingExtra("running the laws as tests", "pytest", "test") from None

from ..selftest import selftest
from .book import LAWS


@pytest.mark.parametrize("name", [law.name for law in LAWS])
def test_law(name: str) -> None:
    selftest(laws=[name]).raise_if_broken()
