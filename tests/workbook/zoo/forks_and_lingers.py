# 0 of 3 points, fail
import os
import time


def lambda_handler(event, context):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            while True:
                with open("/tmp/still-here", "a") as file:
                    file.write("x")
                time.sleep(0.01)
        os._exit(0)
    return {"number": 7, "text": "seven"}
