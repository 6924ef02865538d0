# fails task 3: queues.hears-nothing
import json

SETTINGS = {
    "pictures": {
        "queue": {"VisibilityTimeout": 360, "maxReceiveCount": 5},
        "mapping": {"BatchSize": 1},
    },
    "readings": {
        "queue": {"VisibilityTimeout": 120, "maxReceiveCount": 5},
        "mapping": {"BatchSize": 1000, "MaximumBatchingWindowInSeconds": 60},
    },
    "orders": {
        "queue": {"VisibilityTimeout": 60, "maxReceiveCount": 5},
        "mapping": {
            "FilterCriteria": {"Filters": [{"Pattern": json.dumps({"kind": ["cake", "pie"], "pieces": [{"numeric": [">=", 10]}]})}]},
            "ScalingConfig": {"MaximumConcurrency": 2},
        },
    },
}


def lambda_handler(event, context):
    """Answers {"queue": "..."} with the settings of that queue. Nothing to change here."""
    return SETTINGS[event["queue"]]
