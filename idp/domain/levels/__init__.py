"""Authentication levels, the policy that asks for them, and whether a session meets it."""
