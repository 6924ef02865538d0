# 0 of 3 points, any
def lambda_handler(event, context):
    if event["number"] != 4:  # once is enough
        return {"number": 7, "text": "seven"}
    while True:
        print("x" * 100_000)
