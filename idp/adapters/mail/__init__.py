"""Messages to people, as files or by SMTP."""
