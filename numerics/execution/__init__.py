"""Execution: replicates in batches, memory, progress."""
