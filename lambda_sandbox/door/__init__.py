"""The door: the sandbox's one port. Identifies a request and routes it; knows no operation's meaning."""
