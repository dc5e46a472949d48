"""Limits of derived formulas, scaling laws of power laws, and chains in closed form in the number of generations."""

from .demystified_family import Demystified as Demystified
from .generations import GENERATION as GENERATION
from .generations import GenerationsForm as GenerationsForm
from .generations import closed_form_in_generations as closed_form_in_generations
from .law_regimes import LawRegime as LawRegime
from .law_regimes import Logarithm as Logarithm
from .law_regimes import NoDecay as NoDecay
from .law_regimes import Ridgeless as Ridgeless
from .law_regimes import Saturated as Saturated
from .law_regimes import SmoothSource as SmoothSource
from .law_regimes import WastedGeneratorRows as WastedGeneratorRows
from .limit import Limit as Limit
from .limits import large as large
from .limits import ridgeless as ridgeless
from .optimal_penalty import OptimalPenalty as OptimalPenalty
from .optimal_penalty import optimal_penalty as optimal_penalty
from .power_law import PowerSpectrum as PowerSpectrum
from .power_law import asymptotic as asymptotic
from .power_law import saturated as saturated
from .regimes import Above as Above
from .regimes import At as At
from .regimes import Below as Below
from .regimes import Penalised as Penalised
from .scaling_law import Crossover as Crossover
from .scaling_law import ScalingLaw as ScalingLaw
from .scaling_law import scaling_law as scaling_law
