"""Labels: who answers for a row, before label noise."""
