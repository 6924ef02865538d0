def lambda_handler(event, context):
    n = event["number"] * 2
    {"number": n, "text": str(n)}
