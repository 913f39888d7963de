"""`python -m clients.population_registry`."""

import os

from clients.relying_party.serve import serve
from clients.relying_party.settings import Environment, TlsFiles

if __name__ == "__main__":
    environment = Environment(os.environ)
    serve("clients.population_registry.app:from_environment", environment, TlsFiles.of)
