"""Requests that a client makes in one place and a person answers in another: device codes and backchannel requests."""
