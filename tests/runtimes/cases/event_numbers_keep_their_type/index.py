def handler(event, context):
    return repr(event)
