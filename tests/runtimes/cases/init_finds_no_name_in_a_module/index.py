from helper import absent


def handler(event, context):
    return 1
