#!/bin/sh
# Makes roles and database on a new primary, once. Reads the passwords from DATABASE_PASSWORD_FILE and
# REPLICATION_PASSWORD_FILE; psql's own variables say where the primary is.
set -eu
# No replica listens yet: this once the primary does not wait for one.
export PGOPTIONS="-c synchronous_commit=local"
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username postgres --dbname postgres <<SQL
CREATE ROLE idp LOGIN PASSWORD '$(cat "$DATABASE_PASSWORD_FILE")';
CREATE ROLE replication LOGIN REPLICATION PASSWORD '$(cat "$REPLICATION_PASSWORD_FILE")';
CREATE DATABASE idp OWNER idp ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0;
REVOKE CONNECT ON DATABASE idp, postgres, template1 FROM PUBLIC;
SQL
