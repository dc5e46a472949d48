"""From symbols to numbers: lowering to JAX, the effective ridge, spectrum compression, prediction."""
