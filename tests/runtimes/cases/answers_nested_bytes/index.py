def handler(event, context):
    return {"b": b"x", "list": ["é".encode()]}
