"""What a person sees and decides about the own account."""
