# fails task 2: capacity.ten-a-second
from math import ceil

REQUESTS_A_SECOND = 10  # for each unit of concurrency


def lambda_handler(event, context):
    """Returns {"concurrency": …}, a whole number, for "requests_per_second" and "duration_ms"."""
    rate, seconds = event["requests_per_second"], event["duration_ms"] / 1000
    at_once = ceil(rate * seconds)  # Little's law
    in_a_second = ceil(rate / REQUESTS_A_SECOND)
    return {"concurrency": at_once}
