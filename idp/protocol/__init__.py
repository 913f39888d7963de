"""OAuth 2.0 and OpenID Connect, free of any web framework: one module per specification, named by meaning."""
