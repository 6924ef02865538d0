import boto3

s3 = boto3.client("s3")
LARGEST = 6 * 1024 * 1024  # bytes of an answer


def make_report(event):
    """Stands for a long computation: a list of lines. Nothing to change here."""
    return [event["text"]] * event["lines"]


def lambda_handler(event, context):
    """Answers {"report": [...]} for {"lines": 3, "text": "tea"}, or says where the report lies.

    About 7 lines, and two imports.
    """
    # task 2: how many bytes will be sent?
    raise NotImplementedError("task 1: answer, or store")
