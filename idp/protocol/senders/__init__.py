"""How a token is sent, and that its sender holds the key that it is bound to."""
