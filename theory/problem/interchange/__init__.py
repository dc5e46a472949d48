"""Chains as TOML: what is written, how it is read back, and files of it."""
