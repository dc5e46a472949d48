"""Figures: every function takes `ax` (None makes a new figure), returns the axes, and shows nothing."""

from .covariates import plot_covariates as plot_covariates
from .decomposition import plot_decomposition as plot_decomposition
from .generations import plot_generations as plot_generations
from .population import plot_population as plot_population
