"""The audit trail: a chain of records, searched and verified."""
