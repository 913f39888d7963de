"""A simulated population register: invented people, mutual TLS, and switches that make it slow or broken."""
