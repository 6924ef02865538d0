def handler(event, context):
    return {"é": "Zürich 🦜 \u2028 \x7f \" \\ \n \x01", "event": event}
