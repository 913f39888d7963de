"""Backups: a folder of parts and a manifest that vouches for them."""
