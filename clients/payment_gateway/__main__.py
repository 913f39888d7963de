"""`python -m clients.payment_gateway`."""

import os

from clients.relying_party.serve import serve
from clients.relying_party.settings import Environment

if __name__ == "__main__":
    serve("clients.payment_gateway.app:from_environment", Environment(os.environ))
