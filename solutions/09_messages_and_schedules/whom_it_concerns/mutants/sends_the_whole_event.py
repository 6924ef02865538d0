# fails task 2: concerns.whole-event
FILTERS = {
    "kitchen": {
        "FilterPolicy": {
            "kind": ["cake", "pie"],  # either of them
            "pieces": [{"numeric": [">=", 10]}],  # and
            "shop": [{"anything-but": ["test"]}],  # and
        }
    },
    "guard": {
        "EventPattern": {
            "source": ["bakery.till"],
            "detail-type": ["Order paid"],
            "detail": {"euros": [{"numeric": [">", 100]}]},  # where it is in the event
        },
        "InputTransformer": {
            "InputPathsMap": {"event": "$"},
            "InputTemplate": "<event>",
        },
    },
}


def lambda_handler(event, context):
    """Answers with the filter that {"ask": "..."} names."""
    return FILTERS.get(event["ask"], {})
