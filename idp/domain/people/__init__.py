"""What is known of a person by proof: numbers, names, records, and what ages of them."""
