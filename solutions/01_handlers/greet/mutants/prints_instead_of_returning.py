# fails task 1: greet.nothing-returned
def lambda_handler(event, context):
    """Greets the name in the event: {"name": "Katherine"} -> {"message": "Hello, Katherine"}."""
    # read
    name = event.get("name", "")  # a missing name is an empty one
    if not isinstance(name, str):  # asked before anything else: 0 and False are no text either
        raise ValueError(f"a name is text, but this came: {name!r}")
    # act
    name = name or "stranger"
    # respond
    print({"message": f"Hello, {name}"})
