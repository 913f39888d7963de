"""What administrators and officers do in the console and by the JSON API."""
