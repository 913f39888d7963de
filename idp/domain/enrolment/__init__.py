"""How an account comes to be proved: by oneself, at a counter, from afar."""
