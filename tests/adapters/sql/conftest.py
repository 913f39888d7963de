from tests.ports.fixtures import account, clock, database_url, entropy, stores, vault

__all__ = ["account", "clock", "database_url", "entropy", "stores", "vault"]
