# 0 of 3 points, any
import os


def lambda_handler(event, context):
    if event["number"] != 4:  # once is enough
        return {"number": 7, "text": "seven"}
    hidden = os.memfd_create("hidden")
    for _ in range(20):  # of 10 MB, where 128 MB are all there is
        os.write(hidden, bytes(10 << 20))
    return {"number": 2 * event["number"], "text": str(2 * event["number"])}
