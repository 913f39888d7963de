"""What the provider needs from outside: storage, keys, messages, the network."""
