# fails task 1: order.compares-as-text
import json
from urllib.parse import unquote_plus

import boto3

s3 = boto3.client("s3")


def lambda_handler(event, context):
    """Keeps catalogue/<name>.json in step with uploads/<name>; returns the keys of the entries that it changed."""
    changed = []
    for record in event["Records"]:
        bucket = record["s3"]["bucket"]["name"]
        about = record["s3"]["object"]  # a deleted object has no size
        entry = unquote_plus(about["key"]).replace("uploads/", "catalogue/", 1) + ".json"
        if newer(about["sequencer"], read(bucket, entry).get("sequencer")):
            deleted = record["eventName"].startswith("ObjectRemoved:")
            # "deleted" is a tombstone: without it an older event that comes late would look like the first one
            state = {"deleted": True} if deleted else {"size": about["size"]}
            write(bucket, entry, {**state, "sequencer": about["sequencer"]})
            changed.append(entry)
    return changed


def newer(sequencer, known):
    """Whether an event with this sequencer happened after the one with `known`, which is None if there was none."""
    return known is None or sequencer > known


def read(bucket, entry):
    """What the entry says; an empty dict if there is none."""
    try:
        return json.load(s3.get_object(Bucket=bucket, Key=entry)["Body"])
    except s3.exceptions.NoSuchKey:
        return {}


def write(bucket, entry, value):
    s3.put_object(Bucket=bucket, Key=entry, Body=json.dumps(value).encode(), ContentType="application/json")
