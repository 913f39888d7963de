"""What a person authorised a client to do, and what left under it."""
