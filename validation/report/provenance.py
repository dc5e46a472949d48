"""What the numbers of a report were made with."""

from __future__ import annotations

import hashlib
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PACKAGES = ("modelcollapse", "jax", "jaxlib", "numpy", "scipy", "sympy", "matplotlib", "scikit-learn")


def provenance() -> dict[str, str]:
    """Versions of the packages and of Python, and the kind of machine; nothing that names a person or a host."""
    versions = {package: _version(package) for package in _PACKAGES}
    machine = f"{platform.system()} {platform.machine()}"
    return {**versions, "source": _source_digest(), "python": platform.python_version(), "platform": machine}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _source_digest() -> str:
    """Changes with every edit of the package, which its version number need not."""
    digest = hashlib.sha256()
    root = Path(__file__).resolve().parents[2]
    for path in sorted(path for part in ("theory", "numerics", "validation") for path in (root / part).rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
