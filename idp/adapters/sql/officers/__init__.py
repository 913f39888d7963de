"""Officers, their posts, the agencies that they work for, and what takes two of them."""
