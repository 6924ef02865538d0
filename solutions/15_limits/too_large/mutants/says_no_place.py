# fails task 1: report.says-no-place
import json
import os

import boto3

s3 = boto3.client("s3")
LARGEST = 6 * 1024 * 1024  # bytes of an answer


def make_report(event):
    """Stands for a long computation: a list of lines. Nothing to change here."""
    return [event["text"]] * event["lines"]


def lambda_handler(event, context):
    """Answers {"report": [...]} for {"lines": 3, "text": "tea"}, or says where the report lies."""
    answer = {"report": make_report(event)}
    text = json.dumps(answer, ensure_ascii=False).encode()  # what will be sent: JSON, in bytes
    if len(text) <= LARGEST:
        return answer
    key = f"reports/{context.aws_request_id}.json"  # every call has an id of its own
    s3.put_object(Bucket=os.environ["BUCKET"], Key=key, Body=text)
    return {"stored": True}
