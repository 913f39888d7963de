"""PostgreSQL: a pool of asyncpg connections, audit events chained after their transaction."""
