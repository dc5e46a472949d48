"""Sweeps: one quantity at many points, kept as they are finished, resumed where they stopped."""
