count = 0


def handler(event, context):
    global count
    count += 1
    if count == 1:
        raise Exception("first")
    return count
