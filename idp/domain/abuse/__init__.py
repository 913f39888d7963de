"""Signs of somebody who is not the owner, and what trying costs."""
