"""A stand-in of an organisation's mail server, behind real sockets."""
