"""Ten times the sign-ins that a core sustains: what is shed, what goes on, and how soon everything is well again."""
