"""The pages that people see: each step has its own address, and works without script."""
