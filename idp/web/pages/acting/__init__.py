"""Acting for others: mandates, and on what terms they are given."""
