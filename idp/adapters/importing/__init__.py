"""Reading an operator's import files (see the operator guide, "Import file")."""
