"""What signs a person in, and what helps where it is lost."""
