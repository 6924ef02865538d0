RATE = {"two": 2}["too"]


def lambda_handler(event, context):
    return {"number": event["number"] * RATE}
