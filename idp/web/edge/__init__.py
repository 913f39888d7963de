"""What stands between the server and the handlers: plain ASGI, nothing that buffers."""
