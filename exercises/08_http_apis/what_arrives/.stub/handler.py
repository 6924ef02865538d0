# task 1: the status behind a REST API
REST = {
    "return {'statusCode': 200, 'body': 'tea'}": 200,  # this one is done
    "return {'tea': 3}": None,
    "return {'statusCode': 200, 'body': {'tea': 3}}": None,
    "return {'statusCode': 404}": None,
    "raise KeyError('tea')": None,
    "return None": None,
}

# task 2: the status behind an HTTP API (payload 2.0)
HTTP = {
    "return {'tea': 3}": None,
    "return 'tea'": None,
    "return {'statusCode': 'tea'}": None,
    "raise KeyError('tea')": None,
}


def lambda_handler(event, context):
    """Answers {"api": "REST", "line": "return None"} with what stands in the tables. Nothing to change here."""
    return {"REST": REST, "HTTP": HTTP}[event["api"]][event["line"]]
