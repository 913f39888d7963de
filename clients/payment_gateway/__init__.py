"""The national payment gateway: fees, with a stronger sign-in above a threshold; the bank is simulated."""
