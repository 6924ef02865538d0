TABLE = {}
SIZE = TABLE["size"]


def handler(event, context):
    return SIZE
