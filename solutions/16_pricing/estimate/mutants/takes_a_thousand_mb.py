# fails task 1: estimate.thousand-mb
NOTHING_FREE = {"requests": 0, "gb_seconds": 0}


def lambda_handler(event, context):
    """Returns {"requests": USD, "duration": USD} of a month."""
    requests, prices = event["requests"], event["prices"]
    seconds = requests * event["duration_ms"] / 1000
    if cold := event.get("cold"):  # only these have an Init
        seconds += requests * cold["share"] * cold["init_ms"] / 1000
    gb_seconds = seconds * event["memory_mb"] / 1000
    free = event.get("free", NOTHING_FREE)  # an amount of each meter
    return {
        "requests": max(requests - free["requests"], 0) / 1_000_000 * prices["million_requests"],
        "duration": max(gb_seconds - free["gb_seconds"], 0) * prices["gb_second"],
    }
