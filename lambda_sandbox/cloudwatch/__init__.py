"""CloudWatch as a projection of the journal: the log lines of functions, word for word, and their metrics.

Knows moto only through the bridge that it is given, and never how an invocation happened.
"""
