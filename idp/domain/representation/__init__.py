"""Whom a person may act for, and by which right."""
