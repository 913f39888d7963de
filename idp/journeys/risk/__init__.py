"""How much about a sign-in speaks against its owner, and what its owner is told."""
