import json
import time


def lambda_handler(event, context):
    """Measures event["cups"] by one line of the log. About 10 lines."""
    now_ms = int(time.time() * 1000)
    # task 2: the order is a field of the line, and no dimension
    raise NotImplementedError("task 1: print the line that is a metric")
