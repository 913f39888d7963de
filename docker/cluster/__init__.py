"""The cluster in a box: PostgreSQL with a replica, Valkey with Sentinels, several nodes and a proxy, as processes."""

from docker.cluster.cluster import Cluster
from docker.cluster.processes import ClusterError, Program

__all__ = ["Cluster", "ClusterError", "Program"]
