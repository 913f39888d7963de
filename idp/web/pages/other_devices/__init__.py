"""What is begun on one device and decided on another: codes, phones, and requests of services."""
