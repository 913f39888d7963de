"""Accounts: what they hold, what locks and ends them, and how people get back into theirs."""
