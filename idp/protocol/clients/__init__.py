"""Who a client proves to be and by which keys, and how much it may have in progress."""
