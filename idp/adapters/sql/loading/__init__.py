"""Operators' records: read from files and written in transactions, and read back."""
