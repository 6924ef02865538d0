def handler(event, context):
    try:
        event["missing"]
    except KeyError as error:
        raise LookupError("no such thing") from error
