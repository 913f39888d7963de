"""The `idp` command."""
