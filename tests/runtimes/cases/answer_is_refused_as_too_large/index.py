def handler(event, context):
    return "long"
