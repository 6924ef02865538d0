"""First reads what the messages say, then asks S3 side by side, then writes; dataclasses between the three."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote_plus

import boto3
from boto3.dynamodb.conditions import Attr

s3 = boto3.client("s3")
photos = boto3.resource("dynamodb").Table("photos")


@dataclass
class Photo:
    id: str
    name: str
    thumbnail: str
    bytes: int = 0
    likes: int = 0

    @classmethod
    def of(cls, record):
        path = PurePosixPath(unquote_plus(record["s3"]["object"]["key"]))
        return cls(path.parts[1], path.stem, str(path))

    def look(self):
        """Whether the object is there; notes its size."""
        listed = s3.list_objects_v2(Bucket="photos", Prefix=self.thumbnail, MaxKeys=1).get("Contents", [])
        self.bytes = next((entry["Size"] for entry in listed if entry["Key"] == self.thumbnail), None)
        return self.bytes is not None

    def save(self):
        try:
            photos.put_item(Item=asdict(self), ConditionExpression=Attr("id").not_exists())
        except photos.meta.client.exceptions.ConditionalCheckFailedException:
            return


def lambda_handler(event, context):
    failed, known = [], []
    for message in event["Records"]:
        try:
            body = json.loads(message["body"])
            known += [(message["messageId"], Photo.of(record)) for record in body.get("Records") or []]
        except (ValueError, LookupError, AttributeError, TypeError):
            failed.append(message["messageId"])
    with ThreadPoolExecutor() as threads:
        there = list(threads.map(lambda pair: pair[1].look(), known))
    for (message_id, photo), is_there in zip(known, there, strict=True):
        try:
            if is_there:
                photo.save()
        except s3.exceptions.ClientError:
            failed.append(message_id)
    return {"batchItemFailures": [{"itemIdentifier": id} for id in dict.fromkeys(failed)]}
