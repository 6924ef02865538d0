FILTERS = {
    # task 1: cakes and pies of ten pieces or more, from every shop but "test"
    "kitchen": {
        "FilterPolicy": {
            "kind": ["cake", "pie"],
            "pieces": [">= 10"],
            "shop": ["!test"],
        }
    },
    # task 2: who paid more than 100 euros, and how much
    "guard": {
        "EventPattern": {
            "source": ["bakery.till"],
            "detail-type": ["Order paid"],
            "euros": [100],
        },
        "InputTransformer": {
            "InputPathsMap": {"who": "$.detail.customer"},
            "InputTemplate": '{"who": "$who"}',
        },
    },
}


def lambda_handler(event, context):
    """Answers with the filter that {"ask": "..."} names. Nothing to change here."""
    return FILTERS.get(event["ask"], {})
