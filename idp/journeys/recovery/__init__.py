"""Getting back into an account: the ways of the ladder (`domain.recovery`) as people go them."""
