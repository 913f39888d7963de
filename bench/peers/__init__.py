"""The provider measured beside a peer, node-oidc-provider with Redis, and beside what a core allows at all."""
