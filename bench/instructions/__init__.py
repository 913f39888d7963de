"""The instructions that each operation takes, counted whatever else the machine does, and held against a budget."""
