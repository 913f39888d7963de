"""Every port on SQL: statements in SQLAlchemy Core, compiled once, run by thin drivers."""
