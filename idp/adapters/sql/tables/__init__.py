"""Every table, the same on each engine."""
