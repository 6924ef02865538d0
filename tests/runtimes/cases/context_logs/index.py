def handler(event, context):
    context.log("no newline")
    context.log({"a": 1})
    context.log("line\n")
