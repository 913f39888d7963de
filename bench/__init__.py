"""Measures the provider from outside, through its public HTTP contract."""
