"""The token endpoint and what comes of it: issued, sealed, shown again, looked into, revoked."""
