"""The ways back into an account, and those who help with them."""
