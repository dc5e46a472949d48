"""Figures: every function takes `ax` (None makes a new figure), returns the axes, and shows nothing."""

from .classification import plot_transition as plot_transition
from .covariates import plot_covariates as plot_covariates
from .curves import Curve as Curve
from .curves import Points as Points
from .curves import plot_curves as plot_curves
from .curves import plot_points as plot_points
from .decomposition import plot_decomposition as plot_decomposition
from .generations import plot_generations as plot_generations
from .limits import plot_limits as plot_limits
from .mixing_loops import plot_boundedness as plot_boundedness
from .mixing_loops import plot_projection_generations as plot_projection_generations
from .mixing_loops import plot_real_share as plot_real_share
from .monitors import plot_monitors as plot_monitors
from .policies import plot_schemes as plot_schemes
from .policies import plot_tries as plot_tries
from .population import plot_population as plot_population
from .proxies import plot_proxy as plot_proxy
from .remedies import plot_best_policies as plot_best_policies
from .remedies import plot_remedy_map as plot_remedy_map
from .scaling import plot_scaling_law as plot_scaling_law
from .strong_collapse import plot_clean_rate as plot_clean_rate
from .strong_collapse import plot_collapse_versus_width as plot_collapse_versus_width
from .strong_collapse import plot_double_descent as plot_double_descent
from .strong_collapse import plot_plateau as plot_plateau
