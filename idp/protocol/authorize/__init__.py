"""The authorization endpoint: one visible list of checks, one decision, one response."""
