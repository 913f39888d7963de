"""SQLite: reads inline, writes through one thread with group commit."""
