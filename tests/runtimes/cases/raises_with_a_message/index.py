def handler(event, context):
    raise Exception(f"Failed: {event['error_msg']}")
