"""Applications that rely on the provider; they know it only by HTTP and import nothing from `idp`."""
