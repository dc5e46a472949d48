"""Classification as an experiment: rows of two classes, generated labels, a verifier, a ridge fit."""
