"""Ways to people beside the chat: a mail server, and what the library Apprise knows."""
