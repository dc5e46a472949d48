"""The specification read as mathematics; the vocabulary of one's own estimators, loaded when it is asked for.

>>> from modelcollapse.theory import Model, derive, ridge, risk
>>> m = Model(); X = m.design("X", rows="T")
>>> derive(risk(ridge(X, X @ m.truth + m.noise("sigma"), "lambda"))).variance
sigma**2*tr[q**2]/(D_T + tr[p*q])
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if __name__ == "theory":
    raise ImportError("import modelcollapse.theory, not theory")

if TYPE_CHECKING:
    from .algebra.expression import inv as inv
    from .algebra.model import Model as Model
    from .algebra.model import ridge as ridge
    from .algebra.model import stack as stack
    from .algebra.risk import risk as risk
    from .algebra.risk import tr as tr
    from .evaluation.derive import derive as derive

__all__ = ["Model", "derive", "inv", "ridge", "risk", "stack", "tr"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'modelcollapse.theory' has no attribute {name!r}")
    from .algebra import expression, model
    from .algebra import risk as errors
    from .evaluation import derive as entrance

    for module in (model, expression, errors, entrance):
        if hasattr(module, name):
            return getattr(module, name)
    raise AttributeError(name)
