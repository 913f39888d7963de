"""Entities and rules of the provider: pure, nothing awaited, no input or output."""
