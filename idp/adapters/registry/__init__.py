"""Services of the state that the provider asks: the population register and the biometric verifier."""
