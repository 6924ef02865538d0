def handler(event, context):
    if event["fail"]:
        raise ValueError("failed")
    return context.aws_request_id
