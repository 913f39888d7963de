"""Dynamic client registration and its management."""
