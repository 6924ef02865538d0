# fails task 3: greet.says-nothing
def lambda_handler(event, context):
    """Greets the name in the event: {"name": "Katherine"} -> {"message": "Hello, Katherine"}."""
    # read
    name = event.get("name", "")  # a missing name is an empty one
    if not isinstance(name, str):  # asked before anything else: 0 and False are no text either
        raise ValueError("this is not a name")
    # act
    name = name or "stranger"
    # respond
    return {"message": f"Hello, {name}"}
