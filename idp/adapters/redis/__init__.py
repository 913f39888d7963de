"""Short-lived state on Redis or Valkey."""
