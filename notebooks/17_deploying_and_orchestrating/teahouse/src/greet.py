import os


def handler(event, context):
    for record in event["Records"]:
        print(os.environ["GREETING"], record["s3"]["object"]["key"])
