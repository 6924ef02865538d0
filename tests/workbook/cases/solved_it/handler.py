def lambda_handler(event, context):
    return {"number": event["number"] * 2, "text": str(event["number"] * 2)}
