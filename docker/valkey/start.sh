#!/bin/sh
# Starts `server` or `sentinel`. Both rewrite their configuration when a primary falls, so each has one of its own in
# VALKEY_FOLDER, made at the first start. Reads VALKEY_ADDRESS, VALKEY_PORT, VALKEY_PASSWORD_FILE, VALKEY_PRIMARY
# (ADDRESS PORT of the first primary).
set -eu
role=$1
here=$(cd "$(dirname "$0")" && pwd)
configuration=$VALKEY_FOLDER/$role.conf
umask 077
if [ ! -s "$configuration" ]; then
  password=$(cat "$VALKEY_PASSWORD_FILE")
  {
    echo "bind $VALKEY_ADDRESS"
    echo "port $VALKEY_PORT"
    echo "dir $VALKEY_FOLDER"
    echo "requirepass $password"
    if [ "$role" = sentinel ]; then
      echo "sentinel sentinel-pass $password"
      echo "sentinel announce-ip $VALKEY_ADDRESS"
      echo "sentinel announce-port $VALKEY_PORT"
      echo "sentinel monitor idp $VALKEY_PRIMARY 2"
      echo "sentinel auth-pass idp $password"
      echo "sentinel down-after-milliseconds idp 3000"
      echo "sentinel failover-timeout idp 15000"
      echo "sentinel parallel-syncs idp 1"
    else
      echo "include $here/valkey.conf"
      echo "primaryauth $password"
      echo "replica-announce-ip $VALKEY_ADDRESS"
      echo "replica-announce-port $VALKEY_PORT"
      [ "$VALKEY_ADDRESS $VALKEY_PORT" = "$VALKEY_PRIMARY" ] || echo "replicaof $VALKEY_PRIMARY"
    fi
  } >"$configuration.draft"
  mv "$configuration.draft" "$configuration"
fi
if [ "$role" = sentinel ]; then
  exec valkey-server "$configuration" --sentinel
fi
exec valkey-server "$configuration"
