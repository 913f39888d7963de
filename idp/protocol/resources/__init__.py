"""What access tokens are for: resource indicators, and the interfaces of the provider itself."""
