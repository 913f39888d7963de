"""Places of networks, from a file of the operator's."""
