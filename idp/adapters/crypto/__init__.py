"""Keys, seals, hashes, time and randomness: the file keystore and everything that rests on it."""
