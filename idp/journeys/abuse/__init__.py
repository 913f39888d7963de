"""Protection against guessing: meters of failed tries, and work that a try costs while somebody attacks."""
