"""Traces by OpenTelemetry. Nothing here is imported unless `IDP_TRACES` names a collector."""
