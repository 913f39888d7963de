"""Passkeys: options, answers and attestations of WebAuthn, on py_webauthn."""
