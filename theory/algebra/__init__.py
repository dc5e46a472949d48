"""The derivation engine: an estimator as an expression in Gaussian matrices in, its test-error theorem out."""
