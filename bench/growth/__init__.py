"""What operations cost with more people, more clients and more connections, drawn, and judged by a rule."""
