"""Signing in on a computer with the yes of a phone: the computer's side, the phone's side, and what lies between."""
