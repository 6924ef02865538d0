# fails task 2: greet.needs-a-name
def lambda_handler(event, context):
    """Greets the name in the event: {"name": "Katherine"} -> {"message": "Hello, Katherine"}."""
    # read
    name = event["name"]  # a missing name is an empty one
    if not isinstance(name, str):  # asked before anything else: 0 and False are no text either
        raise ValueError(f"a name is text, but this came: {name!r}")
    # act
    name = name or "stranger"
    # respond
    return {"message": f"Hello, {name}"}
