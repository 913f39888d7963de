"""The administrators' console: server-rendered pages under `/admin`."""
