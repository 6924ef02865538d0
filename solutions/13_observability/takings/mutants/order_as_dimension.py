# fails task 2: takings.metric-an-order
import json
import time


def lambda_handler(event, context):
    """Measures event["cups"] by one line of the log."""
    directive = {
        "Namespace": "TeaRoom",
        "Dimensions": [["Tea"], ["Tea", "order"]],  # few values; an order in here would make a metric of each order
        "Metrics": [{"Name": "Cups", "Unit": "Count"}],
    }
    line = {
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]},
        "Tea": event["tea"],
        "Cups": event["cups"],
        "order": str(event["order"]),
    }
    print(json.dumps(line))
