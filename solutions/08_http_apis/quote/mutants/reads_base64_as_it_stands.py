# fails task 4: quote.base64-not-read
import json

PRICES = {"black": 4, "green": 6, "white": 9}  # cents for a gram


def answer(status, content, **headers):
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json", **headers},
        "body": json.dumps(content),
    }


def lambda_handler(event, context):
    # Where? What? With what? In this order: a 405 makes sense only for a path that is there.
    if event["rawPath"] != "/quote":
        return answer(404, {"message": "There is nothing here but /quote."})
    if event["requestContext"]["http"]["method"] != "POST":
        return answer(405, {"message": "Ask with POST."}, Allow="POST")

    body = event.get("body") or ""
    try:
        question = json.loads(body)
    except ValueError:  # no JSON, or no text at all
        return answer(400, {"message": "The body is no JSON."})
    if not isinstance(question, dict):
        return answer(400, {"message": "The body is no JSON object."})

    tea, grams = question.get("tea"), question.get("grams")
    if not isinstance(tea, str) or tea not in PRICES:
        return answer(400, {"message": f"tea is one of {', '.join(PRICES)}."})
    if type(grams) is not int or grams < 1:  # isinstance would let True pass
        return answer(400, {"message": "grams is a whole number from 1 on."})
    return answer(200, {"tea": tea, "grams": grams, "cents": PRICES[tea] * grams})
