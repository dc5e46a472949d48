"""Reduction: derived programs in positive generators."""

from .certificate import Certificate as Certificate
from .certificate import Factor as Factor
from .closed_form import closed_form as closed_form
from .reduced import PositiveBlock as PositiveBlock
from .reduced import Quotient as Quotient
from .reduced import Reduced as Reduced
from .reduced import reduced as reduced
