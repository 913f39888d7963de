"""OpenID Connect provider for verified citizen and officer identities."""
