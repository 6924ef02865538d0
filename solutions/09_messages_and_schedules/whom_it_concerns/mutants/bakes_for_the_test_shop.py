# fails task 1: concerns.test-shop
FILTERS = {
    "kitchen": {
        "FilterPolicy": {
            "kind": ["cake", "pie"],  # either of them
            "pieces": [{"numeric": [">=", 10]}],  # and
        }
    },
    "guard": {
        "EventPattern": {
            "source": ["bakery.till"],
            "detail-type": ["Order paid"],
            "detail": {"euros": [{"numeric": [">", 100]}]},  # where it is in the event
        },
        "InputTransformer": {
            "InputPathsMap": {"who": "$.detail.customer", "euros": "$.detail.euros"},
            "InputTemplate": '{"who": <who>, "euros": <euros>}',  # EventBridge puts the quotes around a text
        },
    },
}


def lambda_handler(event, context):
    """Answers with the filter that {"ask": "..."} names."""
    return FILTERS.get(event["ask"], {})
