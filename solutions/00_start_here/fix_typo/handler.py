def lambda_handler(event, context):
    """Says how much coffee is left. The event holds the cups made and the cups drunk: {"cups": 10, "drunk": 4}."""
    left = event["cups"] - event["drunk"]

    # task 1: the name is `left`, as in the line above
    message = f"{left} cups left"

    # task 2: a caller finds a key only by its exact spelling
    return {"left": left, "message": message}
