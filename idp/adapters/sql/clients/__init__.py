"""Services and what they hold: consents, sessions, grants, and what they are told."""
