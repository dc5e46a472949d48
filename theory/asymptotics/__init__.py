"""Limits of derived formulas, and chains in closed form in the number of generations."""

from .generations import GENERATION as GENERATION
from .generations import GenerationsForm as GenerationsForm
from .generations import closed_form_in_generations as closed_form_in_generations
from .limit import Limit as Limit
from .limits import large as large
from .limits import ridgeless as ridgeless
from .regimes import Above as Above
from .regimes import At as At
from .regimes import Below as Below
from .regimes import Penalised as Penalised
