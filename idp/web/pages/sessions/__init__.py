"""The end of a session, and the frame in which services watch it."""
