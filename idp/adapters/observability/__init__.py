"""What operators see: log lines and numbers, without personal data or secrets."""
