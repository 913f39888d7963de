"""The JSON API of administration under `/api/admin`: the same use cases and rules as the console."""
