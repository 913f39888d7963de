"""What people sign in with, and what each of them must be."""
