import json

SETTINGS = {
    # task 1: one heavy picture at a time
    "pictures": {
        "queue": {"VisibilityTimeout": "?", "maxReceiveCount": "?"},
        "mapping": {"BatchSize": "?"},
    },
    # task 2: many little readings at once
    "readings": {
        "queue": {"VisibilityTimeout": "?", "maxReceiveCount": 5},
        "mapping": {"BatchSize": "?", "MaximumBatchingWindowInSeconds": "?"},
    },
    # task 3: large cakes and pies, for two at a time
    "orders": {
        "queue": {"VisibilityTimeout": 60, "maxReceiveCount": 5},
        "mapping": {
            "FilterCriteria": {"Filters": [{"Pattern": json.dumps({"?": ["?"]})}]},
            "ScalingConfig": {"MaximumConcurrency": "?"},
        },
    },
}


def lambda_handler(event, context):
    """Answers {"queue": "..."} with the settings of that queue. Nothing to change here."""
    return SETTINGS[event["queue"]]
