"""`python -m clients.national_portal`."""

import os

from clients.relying_party.serve import serve
from clients.relying_party.settings import Environment

if __name__ == "__main__":
    serve("clients.national_portal.app:from_environment", Environment(os.environ))
