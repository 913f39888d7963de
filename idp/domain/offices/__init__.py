"""Agencies, the officers who hold posts in them, and who may do what in the console."""
