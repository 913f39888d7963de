"""OpenID Connect Client-Initiated Backchannel Authentication: a client asks for a person who is elsewhere."""
