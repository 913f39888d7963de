"""RFC 6749 sections 4.1, 4.4 and 6: the grants of the token endpoint, one module each."""
