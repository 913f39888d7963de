"""SCIM 2.0: officers provisioned by the systems of their agencies."""
