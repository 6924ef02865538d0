def lambda_handler(event, context):
    print("the event:", event)
    return {"number": event["number"] + 2, "text": str(event["number"] * 2)}
