"""The door: the sandbox's one port. Identifies a request, routes it, and writes the answer; knows no operation's meaning."""
