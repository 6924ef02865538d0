# 0 of 3 points, bad response
import sys

sys.set_int_max_str_digits(0)


def lambda_handler(event, context):
    return {"number": 10**5000, "text": "seven"}
