def lambda_handler(event, context):
    """Says how much coffee is left. The event holds the cups made and the cups drunk: {"cups": 10, "drunk": 4}."""
    left = event["cups"] - event["drunk"]

    # task 1: one name in the next line is misspelled
    message = f"{lefft} cups left"

    # task 2: the screen reads the keys "left" and "message"
    return {"left": left, "mesage": message}
