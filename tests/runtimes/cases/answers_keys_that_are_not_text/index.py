def handler(event, context):
    return {1: "int", 1.5: "float", None: "none", True: "bool", b"raw": "bytes", "a": {}}
