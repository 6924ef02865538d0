def down(n):
    return down(n + 1)


def handler(event, context):
    return down(0)
