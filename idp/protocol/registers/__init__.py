"""What registers of the state send: security events, pushed."""
