"""One-step rules: what one fit does, on average over its rows, to any weight, mean or variance."""
