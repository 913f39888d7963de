"""How the provider is deployed: images, compose, Kubernetes, and the same topology as plain processes (`cluster`)."""
