#!/bin/sh
# Starts PostgreSQL; arguments go to postgres. An empty PGDATA is filled with a copy of the primary, which is followed.
# Reads PGDATA, PRIMARY_HOST, PRIMARY_PORT, REPLICATION_PASSWORD_FILE. A primary, also one that was a replica, follows none.
set -eu
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  mkdir -p "$PGDATA"
  chmod 0700 "$PGDATA"
  PGPASSWORD=$(cat "$REPLICATION_PASSWORD_FILE")
  export PGPASSWORD
  until pg_receivewal --host "$PRIMARY_HOST" --port "$PRIMARY_PORT" --username replication --no-password \
    --slot replica --create-slot --if-not-exists; do
    sleep 1
  done
  find "$PGDATA" -mindepth 1 -delete
  pg_basebackup --host "$PRIMARY_HOST" --port "$PRIMARY_PORT" --username replication --no-password \
    --pgdata "$PGDATA" --wal-method stream --slot replica --checkpoint fast
  unset PGPASSWORD
  touch "$PGDATA/standby.signal"
fi
# libpq wants the password in a file of its own form, which nobody else may read.
umask 077
echo "*:*:*:replication:$(cat "$REPLICATION_PASSWORD_FILE")" >"$PGDATA/replication.pgpass"
exec postgres -D "$PGDATA" -c primary_slot_name=replica -c "primary_conninfo=host=$PRIMARY_HOST port=$PRIMARY_PORT \
user=replication passfile=$PGDATA/replication.pgpass application_name=replica connect_timeout=3" "$@"
