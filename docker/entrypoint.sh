#!/bin/sh
# Runs an `idp` command. Platforms hand the secret file over with an owner and a mode of their own; the provider takes
# only one that nobody else can read. So SECRET_MOUNT, where it is set, is copied to IDP_SECRET_FILE, which lies in memory.
set -eu
if [ -n "${SECRET_MOUNT:-}" ] && [ ! -e "$IDP_SECRET_FILE" ]; then
  (umask 077 && cat "$SECRET_MOUNT" >"$IDP_SECRET_FILE")
fi
exec idp "$@"
