"""The HTTP edge: protocol endpoints, pages, forms, cookies, headers, errors."""
