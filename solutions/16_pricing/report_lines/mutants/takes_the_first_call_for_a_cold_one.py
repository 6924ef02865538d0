# fails task 2: report.cold
import re

LINE = re.compile(r"REPORT RequestId: .*\tBilled Duration: (\d+) ms\tMemory Size: (\d+) MB")  # from its beginning
INIT = re.compile(r"\tInit Duration: ([\d.]+) ms")


def lambda_handler(event, context):
    """Returns what of each meter the lines of event["log"] come to."""
    requests, gb_seconds, cold_starts, init_gb_seconds = 0, 0.0, 0, 0.0
    seen = set()
    for line in event["log"]:
        report = LINE.match(line)
        if report is None:
            continue
        billed_ms, gb = int(report[1]), int(report[2]) / 1024
        requests += 1
        gb_seconds += billed_ms / 1000 * gb
        if gb not in seen:  # the first one of each function must have been a cold start
            seen.add(gb)
            cold_starts += 1
            init = INIT.search(line)
            init_gb_seconds += float(init[1] if init else 0) / 1000 * gb
    return {
        "requests": requests,
        "gb_seconds": gb_seconds,
        "cold_starts": cold_starts,
        "init_gb_seconds": init_gb_seconds,
    }
