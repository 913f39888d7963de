"""A local mailbox: the messages in a folder, newest first, as text."""
