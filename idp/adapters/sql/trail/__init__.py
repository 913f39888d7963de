"""The audit trail and what is read from it: facts, history, alerts."""
