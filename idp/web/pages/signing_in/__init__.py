"""The steps between an authorization request and its answer."""
