import boto3

s3 = boto3.client("s3")


def lambda_handler(event, context):
    """Copies the bucket `shop` into `shop-backups`, under a day, and deletes old backups; returns what it did."""
    day = day_of(event)
    copied = []
    for key in keys("shop"):
        s3.copy_object(Bucket="shop-backups", Key=f"{day}/{key}", CopySource={"Bucket": "shop", "Key": key})
        copied.append(f"{day}/{key}")
    deleted = [key for key in keys("shop-backups") if too_old(key, day)]
    for key in deleted:
        s3.delete_object(Bucket="shop-backups", Key=key)
    return {"copied": copied, "deleted": deleted}


def day_of(event):
    """The day for which the event was sent, as a date."""
    raise NotImplementedError("task 1: find the day")


def too_old(key, day):
    """Whether a key of `shop-backups` is a backup that is seven days old on `day`, or older."""
    return False  # task 2: throw away what is too old


def keys(bucket):
    """All keys of a bucket, however many: S3 lists a thousand at a time."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return [entry["Key"] for page in pages for entry in page.get("Contents", [])]
