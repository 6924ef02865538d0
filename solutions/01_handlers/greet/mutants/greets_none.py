# fails task 2: greet.greets-none
def lambda_handler(event, context):
    """Greets the name in the event: {"name": "Katherine"} -> {"message": "Hello, Katherine"}."""
    # read
    name = event.get("name", None)  # a missing name is an empty one
    if name is not None and not isinstance(name, str):  # asked before anything else: 0 and False are no text either
        raise ValueError(f"a name is text, but this came: {name!r}")
    # act
    name = str(name) or "stranger"
    # respond
    return {"message": f"Hello, {name}"}
