# task 1: "first" or "last"? "package" or "layer"? "found" or "missing"?
WHICH = {
    "two layers have a prices.py: the one in the list that counts": "?",
    "a layer and the package have a prices.py: the one that counts": "?",
    "prices.py lies at the top of the layer's zip: the module is": "?",
}

# task 2: "old" or "new"? "fine", "refused" (by the API) or "failed" (the function was started)?
VERSION = {
    "a second version of the layer is published: the function sees": "?",
    "the version in use is deleted: the next cold call is": "?",
    "the deleted version is given to another function: that is": "?",
    "a function is given six layers: that is": "?",
}


def lambda_handler(event, context):
    """Answers {"scene": "..."} with what stands in the tables. Nothing to change here."""
    return {**WHICH, **VERSION}.get(event["scene"], "?")
