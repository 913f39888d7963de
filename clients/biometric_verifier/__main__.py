"""`python -m clients.biometric_verifier`."""

import os

from clients.relying_party.serve import serve
from clients.relying_party.settings import Environment

if __name__ == "__main__":
    serve("clients.biometric_verifier.app:from_environment", Environment(os.environ))
