try:
    import tea_club  # from a layer, if there is one
except ModuleNotFoundError as error:
    if error.name != "tea_club":  # the layer is there, and something that it needs is not
        raise
    tea_club = None


def lambda_handler(event, context):
    price = 3 * event["cups"]
    if tea_club is None:
        return {"price": price, "club": False}
    if hasattr(tea_club, "discounted"):
        return {"price": tea_club.discounted(price), "club": True}
    return {"price": price * (100 - tea_club.PERCENT) / 100, "club": True}  # version 1 of the layer
