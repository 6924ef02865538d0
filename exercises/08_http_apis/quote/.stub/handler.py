PRICES = {"black": 4, "green": 6, "white": 9}  # cents for a gram


def lambda_handler(event, context):
    """Answers POST /quote with the price of so many grams of a tea. About 25 lines in the end.

    event["rawPath"] and event["requestContext"]["http"]["method"] say what is asked, event.get("body") holds the JSON text.
    """
    # task 2: refuse what makes no sense · task 3: 404 and 405 · task 4: base64
    raise NotImplementedError("task 1: answer with a price")
