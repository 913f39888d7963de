"""The keystore in a token of a PKCS #11 module: private keys are made there and never leave it."""
