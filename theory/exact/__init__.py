"""Finite-size oracles: exact expectations of words in Gaussian matrices, and of inverse Wishart matrices."""
