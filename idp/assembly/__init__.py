"""Puts the protocol together from its parts; `idp.app` puts everything else around it."""
