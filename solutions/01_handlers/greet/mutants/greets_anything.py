# fails task 3: greet.greets-a-number
def lambda_handler(event, context):
    """Greets the name in the event: {"name": "Katherine"} -> {"message": "Hello, Katherine"}."""
    # read
    name = event.get("name", "")  # a missing name is an empty one
    # act
    name = name or "stranger"
    # respond
    return {"message": f"Hello, {name}"}
