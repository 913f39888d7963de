"""Who may act for whom: organisations, guardianships, mandates."""
