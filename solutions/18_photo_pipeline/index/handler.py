import json
from urllib.parse import unquote_plus

import boto3
from botocore.exceptions import ClientError

s3 = boto3.client("s3")
photos = boto3.resource("dynamodb").Table("photos")
Refused = photos.meta.client.exceptions.ConditionalCheckFailedException


def lambda_handler(event, context):
    """Writes an entry for each thumbnail that the messages tell of; lists the messages to try again."""
    failures = []
    for message in event["Records"]:
        try:
            for record in json.loads(message["body"]).get("Records", []):  # a test event has none
                index(unquote_plus(record["s3"]["object"]["key"]))
        except Exception as problem:  # noqa: BLE001 whatever it is: this message comes again, the next has its turn
            print(f"{message['messageId']}: {type(problem).__name__}: {problem}")
            failures.append({"itemIdentifier": message["messageId"]})
    return {"batchItemFailures": failures}


def index(key):
    """Writes the entry of one thumbnail, unless it is there already or the thumbnail is gone."""
    try:
        size = s3.head_object(Bucket="photos", Key=key)["ContentLength"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "404":
            raise
        return  # deleted before its event came: nothing to show
    _, id, name = key.split("/")
    entry = {"id": id, "name": name.removesuffix(".jpg"), "thumbnail": key, "bytes": size, "likes": 0}
    try:
        photos.put_item(Item=entry, ConditionExpression="attribute_not_exists(id)")
    except Refused:  # the event came a second time: the entry is there, and has a life of its own
        print(f"{key}: there already")
