"""What people do about the safety of their own account."""
