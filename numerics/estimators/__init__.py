"""Estimators: how rows and labels become a model, in the two forms of least squares."""
