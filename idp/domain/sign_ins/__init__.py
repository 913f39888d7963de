"""Sessions, and what is remembered of the sign-ins that began them."""
