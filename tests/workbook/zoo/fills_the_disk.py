# 0 of 3 points, any
def lambda_handler(event, context):
    if event["number"] != 4:  # once is enough
        return {"number": 7, "text": "seven"}
    with open("/tmp/full", "wb") as file:
        while True:
            file.write(bytes(1 << 22))
