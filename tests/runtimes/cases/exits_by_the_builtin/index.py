def handler(event, context):
    exit()
