"""Outgoing HTTP, guarded."""
