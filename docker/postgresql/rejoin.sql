-- On the primary, once its new replica streams: commits wait for the replica again.
ALTER SYSTEM RESET synchronous_standby_names;
SELECT pg_reload_conf();
