def lambda_handler(event, context):
    n = event["number"] * 2
    return {"numbre": n, "text": str(n)}
