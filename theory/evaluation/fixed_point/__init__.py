"""Numbers of derived programs: fixed points solved on the physical branch, in any arithmetic."""
