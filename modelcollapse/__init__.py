"""The analytical theory of model collapse in regression: state a chain, predict, simulate, compare, derive.

>>> import modelcollapse as mc
>>> chain = mc.replace(mc.Population(mc.Isotropic(20), mc.UniformTarget()),
...                    generations=2, rows=41, noise=0.5, estimator=mc.MinimumNorm())
>>> mc.predict(chain).error  # 0.25 * 20 / (41 - 20 - 1) for each generation
array([0.25, 0.5 ])
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .theory.problem.chain import ALL as ALL
from .theory.problem.chain import All as All
from .theory.problem.chain import Chain as Chain
from .theory.problem.classification import ClassificationChain as ClassificationChain
from .theory.problem.classification import Flips as Flips
from .theory.problem.classification import GaussianMixture as GaussianMixture
from .theory.problem.classification import KeepRates as KeepRates
from .theory.problem.classification import LinearLabels as LinearLabels
from .theory.problem.classification import LinearVerifier as LinearVerifier
from .theory.problem.covariates import FRESH as FRESH
from .theory.problem.covariates import Covariates as Covariates
from .theory.problem.covariates import Fresh as Fresh
from .theory.problem.covariates import Perturbed as Perturbed
from .theory.problem.covariates import Refitted as Refitted
from .theory.problem.covariates import SameRows as SameRows
from .theory.problem.errors import MissingExtra as MissingExtra
from .theory.problem.errors import ModelCollapseError as ModelCollapseError
from .theory.problem.errors import NotCertified as NotCertified
from .theory.problem.errors import NoTheorem as NoTheorem
from .theory.problem.errors import NothingKept as NothingKept
from .theory.problem.errors import SpecificationError as SpecificationError
from .theory.problem.errors import TooLarge as TooLarge
from .theory.problem.estimator import Estimator as Estimator
from .theory.problem.estimator import MinimumNorm as MinimumNorm
from .theory.problem.estimator import RandomProjection as RandomProjection
from .theory.problem.estimator import Ridge as Ridge
from .theory.problem.generation import Generation as Generation
from .theory.problem.interchange.files import load as load
from .theory.problem.interchange.files import save as save
from .theory.problem.labels import PREVIOUS as PREVIOUS
from .theory.problem.labels import TRUTH as TRUTH
from .theory.problem.labels import Blend as Blend
from .theory.problem.labels import LabelledBy as LabelledBy
from .theory.problem.labels import Labels as Labels
from .theory.problem.labels import Lottery as Lottery
from .theory.problem.labels import Previous as Previous
from .theory.problem.labels import Recorded as Recorded
from .theory.problem.labels import Shifted as Shifted
from .theory.problem.labels import Truth as Truth
from .theory.problem.memory import ACCUMULATE as ACCUMULATE
from .theory.problem.memory import FORGET as FORGET
from .theory.problem.memory import Accumulate as Accumulate
from .theory.problem.memory import Forget as Forget
from .theory.problem.memory import Memory as Memory
from .theory.problem.memory import Subsample as Subsample
from .theory.problem.policies import accumulate as accumulate
from .theory.problem.policies import accumulate_subsample as accumulate_subsample
from .theory.problem.policies import blend_labels as blend_labels
from .theory.problem.policies import demystified as demystified
from .theory.problem.policies import grow as grow
from .theory.problem.policies import inject_noise as inject_noise
from .theory.problem.policies import mix as mix
from .theory.problem.policies import regenerate_covariates as regenerate_covariates
from .theory.problem.policies import rephrase as rephrase
from .theory.problem.policies import replace as replace
from .theory.problem.policies import retain_real as retain_real
from .theory.problem.policies import verify as verify
from .theory.problem.population import Population as Population
from .theory.problem.selection import KEEP_ALL as KEEP_ALL
from .theory.problem.selection import KeepAll as KeepAll
from .theory.problem.selection import NormWindow as NormWindow
from .theory.problem.selection import Resample as Resample
from .theory.problem.selection import ResidualWindow as ResidualWindow
from .theory.problem.selection import Revise as Revise
from .theory.problem.selection import Selection as Selection
from .theory.problem.selection import TopShare as TopShare
from .theory.problem.selection import Unreliable as Unreliable
from .theory.problem.source import Kept as Kept
from .theory.problem.source import Source as Source
from .theory.problem.spectrum import Eigenvalues as Eigenvalues
from .theory.problem.spectrum import Isotropic as Isotropic
from .theory.problem.spectrum import Levels as Levels
from .theory.problem.spectrum import PowerLaw as PowerLaw
from .theory.problem.spectrum import Repeated as Repeated
from .theory.problem.spectrum import Spectrum as Spectrum
from .theory.problem.spectrum import Spiked as Spiked
from .theory.problem.target import Coefficients as Coefficients
from .theory.problem.target import GaussianTarget as GaussianTarget
from .theory.problem.target import SharedOut as SharedOut
from .theory.problem.target import SourceCondition as SourceCondition
from .theory.problem.target import Target as Target
from .theory.problem.target import UniformTarget as UniformTarget
from .theory.problem.tuning import CROSS_VALIDATED as CROSS_VALIDATED
from .theory.problem.tuning import HELD_OUT as HELD_OUT
from .theory.problem.tuning import CrossValidated as CrossValidated
from .theory.problem.tuning import HeldOut as HeldOut
from .theory.problem.tuning import Tuning as Tuning

if TYPE_CHECKING:
    from .numerics.arms import Arms as Arms
    from .numerics.arms import compare_arms as compare_arms
    from .numerics.classification.simulation import ClassificationSimulation as ClassificationSimulation
    from .numerics.designs import GAUSSIAN as GAUSSIAN
    from .numerics.designs import RADEMACHER as RADEMACHER
    from .numerics.designs import ResampledRows as ResampledRows
    from .numerics.designs import StudentT as StudentT
    from .numerics.execution.cluster import JAX_PROCESSES as JAX_PROCESSES
    from .numerics.execution.cluster import JaxProcesses as JaxProcesses
    from .numerics.measurement.label_noise import DRAWN as DRAWN
    from .numerics.measurement.label_noise import INTEGRATED as INTEGRATED
    from .numerics.sampling import BANDED as BANDED
    from .numerics.sampling import LAZY_GAUSSIAN as LAZY_GAUSSIAN
    from .numerics.sampling import LEAST_SQUARES_WALK as LEAST_SQUARES_WALK
    from .numerics.sampling import NAIVE as NAIVE
    from .numerics.sampling import ONE_DESIGN as ONE_DESIGN
    from .numerics.sampling import SUFFICIENT_STATISTICS as SUFFICIENT_STATISTICS
    from .numerics.sampling import WISHART as WISHART
    from .numerics.simulation import Simulation as Simulation
    from .numerics.simulation import simulate as simulate
    from .numerics.tuned import TunedSimulation as TunedSimulation
    from .numerics.tuned import simulate_tuned as simulate_tuned
    from .theory.evaluation.classification import ClassificationPrediction as ClassificationPrediction
    from .theory.evaluation.collapse_over import MixtureErrors as MixtureErrors
    from .theory.evaluation.collapse_over import collapse_over as collapse_over
    from .theory.evaluation.derive import derive as derive
    from .theory.evaluation.derived import Derived as Derived
    from .theory.evaluation.differentiation import gradient as gradient
    from .theory.evaluation.differentiation import precise as precise
    from .theory.evaluation.errors_over import ErrorsOver as ErrorsOver
    from .theory.evaluation.errors_over import errors_over as errors_over
    from .theory.evaluation.grid import vary as vary
    from .theory.evaluation.master import MixtureOfSources as MixtureOfSources
    from .theory.evaluation.master import mixture_of_sources as mixture_of_sources
    from .theory.evaluation.optimal_share import optimal_share as optimal_share
    from .theory.evaluation.prediction import Prediction as Prediction
    from .theory.evaluation.prediction import predict as predict
    from .theory.evaluation.steady_state import SteadyState as SteadyState
    from .theory.evaluation.steady_state import growth_rate as growth_rate
    from .theory.evaluation.steady_state import steady_state as steady_state
    from .theory.evaluation.transition import Transition as Transition
    from .theory.evaluation.transition import estimate_transition as estimate_transition
    from .theory.evaluation.width_study import WidthStudy as WidthStudy
    from .theory.evaluation.width_study import collapse_versus_width as collapse_versus_width
    from .theory.remedies.budget import Budget as Budget
    from .theory.remedies.budget import Funds as Funds
    from .theory.remedies.budget import Prices as Prices
    from .theory.remedies.freedom import FREE as FREE
    from .theory.remedies.freedom import LAST_ONLY as LAST_ONLY
    from .theory.remedies.freedom import SHARED as SHARED
    from .theory.remedies.freedom import Parametric as Parametric
    from .theory.remedies.phase_map import RemedyMap as RemedyMap
    from .theory.remedies.phase_map import remedy_map as remedy_map
    from .theory.remedies.policy import PolicyStudy as PolicyStudy
    from .theory.remedies.policy import best_policy as best_policy
    from .theory.remedies.practical import practical_penalties as practical_penalties
    from .theory.remedies.schedules import Schedule as Schedule
    from .theory.remedies.schedules import optimise_schedule as optimise_schedule
    from .theory.remedies.schedules import scheduled_error as scheduled_error
    from .theory.remedies.verification import VerifierStudy as VerifierStudy
    from .theory.remedies.verification import best_strictness as best_strictness
    from .theory.remedies.verification import expected_kept as expected_kept
    from .theory.remedies.verification import when_does_it_help as when_does_it_help
    from .theory.statements.derivation import Derivation as Derivation
    from .validation.agreement import Verdict as Verdict
    from .validation.classes import ClassificationComparison as ClassificationComparison
    from .validation.comparison import Comparison as Comparison
    from .validation.comparison import compare as compare
    from .validation.real_data import population_from_data as population_from_data
    from .validation.sabotage import sabotage as sabotage
    from .validation.sabotaged_book import sabotage_book as sabotage_book
    from .validation.saved import load_result as load_result
    from .validation.sweep.quantity import Comparing as Comparing
    from .validation.sweep.quantity import Predicting as Predicting
    from .validation.sweep.quantity import Simulating as Simulating
    from .validation.sweep.result import SweepResult as SweepResult
    from .validation.sweep.stopped import SweepStopped as SweepStopped
    from .validation.sweep.sweep import Sweep as Sweep

__version__ = "0.1.0"

# Names that need JAX, SymPy or matplotlib are imported when first asked for, so that the import stays light.
_LAZY = {
    "predict": "theory.evaluation.prediction",
    "Prediction": "theory.evaluation.prediction",
    "ClassificationPrediction": "theory.evaluation.classification",
    "vary": "theory.evaluation.grid",
    "errors_over": "theory.evaluation.errors_over",
    "ErrorsOver": "theory.evaluation.errors_over",
    "gradient": "theory.evaluation.differentiation",
    "precise": "theory.evaluation.differentiation",
    "collapse_over": "theory.evaluation.collapse_over",
    "MixtureErrors": "theory.evaluation.collapse_over",
    "collapse_versus_width": "theory.evaluation.width_study",
    "WidthStudy": "theory.evaluation.width_study",
    "mixture_of_sources": "theory.evaluation.master",
    "MixtureOfSources": "theory.evaluation.master",
    "estimate_transition": "theory.evaluation.transition",
    "Transition": "theory.evaluation.transition",
    "optimal_share": "theory.evaluation.optimal_share",
    "steady_state": "theory.evaluation.steady_state",
    "SteadyState": "theory.evaluation.steady_state",
    "growth_rate": "theory.evaluation.steady_state",
    "optimise_schedule": "theory.remedies.schedules",
    "Schedule": "theory.remedies.schedules",
    "scheduled_error": "theory.remedies.schedules",
    "practical_penalties": "theory.remedies.practical",
    "FREE": "theory.remedies.freedom",
    "SHARED": "theory.remedies.freedom",
    "LAST_ONLY": "theory.remedies.freedom",
    "Parametric": "theory.remedies.freedom",
    "when_does_it_help": "theory.remedies.verification",
    "VerifierStudy": "theory.remedies.verification",
    "expected_kept": "theory.remedies.verification",
    "best_strictness": "theory.remedies.verification",
    "Budget": "theory.remedies.budget",
    "Funds": "theory.remedies.budget",
    "Prices": "theory.remedies.budget",
    "best_policy": "theory.remedies.policy",
    "PolicyStudy": "theory.remedies.policy",
    "remedy_map": "theory.remedies.phase_map",
    "RemedyMap": "theory.remedies.phase_map",
    "derive": "theory.evaluation.derive",
    "Derived": "theory.evaluation.derived",
    "Derivation": "theory.statements.derivation",
    "compare_arms": "numerics.arms",
    "Arms": "numerics.arms",
    "ClassificationSimulation": "numerics.classification.simulation",
    "BANDED": "numerics.sampling",
    "LAZY_GAUSSIAN": "numerics.sampling",
    "LEAST_SQUARES_WALK": "numerics.sampling",
    "NAIVE": "numerics.sampling",
    "ONE_DESIGN": "numerics.sampling",
    "SUFFICIENT_STATISTICS": "numerics.sampling",
    "WISHART": "numerics.sampling",
    "GAUSSIAN": "numerics.designs",
    "RADEMACHER": "numerics.designs",
    "ResampledRows": "numerics.designs",
    "StudentT": "numerics.designs",
    "simulate": "numerics.simulation",
    "Simulation": "numerics.simulation",
    "simulate_tuned": "numerics.tuned",
    "TunedSimulation": "numerics.tuned",
    "DRAWN": "numerics.measurement.label_noise",
    "INTEGRATED": "numerics.measurement.label_noise",
    "JAX_PROCESSES": "numerics.execution.cluster",
    "JaxProcesses": "numerics.execution.cluster",
    "compare": "validation.comparison",
    "Comparison": "validation.comparison",
    "ClassificationComparison": "validation.classes",
    "Verdict": "validation.agreement",
    "load_result": "validation.saved",
    "Sweep": "validation.sweep.sweep",
    "SweepResult": "validation.sweep.result",
    "SweepStopped": "validation.sweep.stopped",
    "Predicting": "validation.sweep.quantity",
    "Simulating": "validation.sweep.quantity",
    "Comparing": "validation.sweep.quantity",
    "sabotage": "validation.sabotage",
    "sabotage_book": "validation.sabotaged_book",
    "population_from_data": "validation.real_data",
    "theory": "theory",
    "numerics": "numerics",
    "validation": "validation",
}
_NOT_PUBLIC = {"TYPE_CHECKING", "Any"}
_SPECIFICATION = [name for name in globals() if name[0].isupper() and name not in _NOT_PUBLIC]
_POLICIES = {
    "accumulate",
    "accumulate_subsample",
    "blend_labels",
    "demystified",
    "grow",
    "inject_noise",
    "mix",
    "regenerate_covariates",
    "rephrase",
    "replace",
    "retain_real",
    "verify",
}
__all__ = sorted({*_SPECIFICATION, *_POLICIES, "load", "save", *_LAZY, "__version__"})


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'modelcollapse' has no attribute {name!r}")
    module = importlib.import_module(f".{_LAZY[name]}", __name__)
    value = module if _LAZY[name] == name else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
