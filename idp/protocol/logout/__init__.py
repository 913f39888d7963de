"""The end of a session, as relying parties hear of it."""
