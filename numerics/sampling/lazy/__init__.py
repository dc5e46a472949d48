"""Matrices of which only what a solver asks for is drawn."""
