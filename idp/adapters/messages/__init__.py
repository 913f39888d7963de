"""Short messages to telephones, as files or through a gateway."""
