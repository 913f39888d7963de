"""What is told of a person, by which names, on whose behalf, and what the person agreed to."""
