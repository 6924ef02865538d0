"""CloudWatch as a projection of the journal: the log lines of functions, word for word.

Metrics follow later. Knows moto only through the bridge that it is given, and never how an invocation happened.
"""
