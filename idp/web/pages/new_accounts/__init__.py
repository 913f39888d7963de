"""How an account begins: with a link of the office, or by registering oneself."""
