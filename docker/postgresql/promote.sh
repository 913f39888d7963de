#!/bin/sh
# Makes the replica in PGDATA the primary. Only once the old primary is gone for good: two primaries lose data.
# Until it has a replica of its own the new primary waits for none; `rejoin.sql` ends that.
set -eu
pg_ctl promote --pgdata "$PGDATA" --wait
psql --no-psqlrc --quiet --username postgres --dbname postgres --set ON_ERROR_STOP=1 \
  --command "ALTER SYSTEM SET synchronous_standby_names = ''" --command "SELECT pg_reload_conf()" >/dev/null
