"""Passwords that nobody should choose."""
