"""The banded model: one fit on isotropic Gaussian rows, in a number of variables that the dimension does not change."""
