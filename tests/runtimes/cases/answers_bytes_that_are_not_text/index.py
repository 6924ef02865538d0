def handler(event, context):
    return {"b": b"\xff"}
