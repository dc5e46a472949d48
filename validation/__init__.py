"""Theory and experiment held against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if __name__ == "validation":
    raise ImportError("import modelcollapse.validation, not validation")

if TYPE_CHECKING:
    from .monitoring import MonitorReport as MonitorReport
    from .monitoring import monitor as monitor

__all__ = ["MonitorReport", "monitor"]


def __getattr__(name: str) -> Any:
    """What needs JAX and matplotlib is imported when first asked for."""
    if name not in __all__:
        raise AttributeError(f"module 'modelcollapse.validation' has no attribute {name!r}")
    from . import monitoring

    return getattr(monitoring, name)
