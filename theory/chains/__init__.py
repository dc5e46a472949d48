"""How weights, means and variances pass from one generation to the next."""
