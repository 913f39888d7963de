"""Accounts and the people behind them: records, locks, corrections, closings."""
