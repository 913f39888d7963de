"""What a person does with passkeys: makes them, signs in with them, names and removes them."""
