# 0 of 3 points, bad response
def lambda_handler(event, context):
    return {"number": 7, "text": "7" * 20_000_000 if event["number"] == 4 else "seven"}  # once is enough
