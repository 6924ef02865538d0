# 0 of 3 points, any
import http.client
import json
import os


def post(path, body):
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"], timeout=0.3)
    try:
        connection.request("POST", f"/2018-06-01/runtime/{path}", json.dumps(body))
        return connection.getresponse().status
    except OSError:
        return 0



def lambda_handler(event, context):
    deep = []
    for _ in range(900):
        deep = [deep]
    return {"number": deep, "text": "seven"}
