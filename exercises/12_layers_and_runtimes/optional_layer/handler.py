try:
    import tea_club  # from a layer, if there is one
except Exception:
    tea_club = None  # task 1: there is no layer. Or is there?


def lambda_handler(event, context):
    """Answers {"price": ..., "club": ...} for {"cups": 2}. About 8 lines, not all of them in here."""
    price = 3 * event["cups"]
    if tea_club is None:
        return {"price": price, "club": False}
    # task 2: the first version of the layer has no such function
    return {"price": tea_club.discounted(price), "club": True}
