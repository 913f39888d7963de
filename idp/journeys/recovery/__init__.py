"""Getting back into an account: the ways of the ladder (`domain.accounts.recovery`) as people go them."""
