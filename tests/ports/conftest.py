from tests.ports.fixtures import account, clock, database_url, entropy, short_lived, stores, vault

__all__ = ["account", "clock", "database_url", "entropy", "short_lived", "stores", "vault"]
