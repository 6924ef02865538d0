def lambda_handler(event, context):
    print("dividing")
    return {"number": half(event["number"])}


def half(number):
    return number / 0
