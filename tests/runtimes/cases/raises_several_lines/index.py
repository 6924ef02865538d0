def handler(event, context):
    raise ValueError("first line\n  second line, indented\n\nlast: Zoë")
