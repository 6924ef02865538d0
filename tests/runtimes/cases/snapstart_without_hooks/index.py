def handler(event, context):
    return "restored"
