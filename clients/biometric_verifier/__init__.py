"""A simulated biometric verifier: no camera, no face, a page that asks what it should pretend to have found."""
