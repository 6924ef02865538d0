# fails task 1: takings.wrong-value
import json
import time


def lambda_handler(event, context):
    """Measures event["cups"] by one line of the log."""
    directive = {
        "Namespace": "TeaRoom",
        "Dimensions": [["Tea"]],  # few values; an order in here would make a metric of each order
        "Metrics": [{"Name": "Cups", "Unit": "Count"}],
    }
    line = {
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]},
        "Tea": event["tea"],
        "Cups": 1,
        "order": event["order"],
    }
    print(json.dumps(line))
