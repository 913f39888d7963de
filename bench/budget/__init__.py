"""Where the microseconds of each operation go, beside what a core allows, as a table in the documentation."""
