def handler(event, context):
    raise ValueError(__name__)
