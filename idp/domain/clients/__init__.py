"""Relying parties: what they register, and what each of them must and may do."""
