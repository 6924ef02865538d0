import boto3

s3 = boto3.client("s3")
photos = boto3.resource("dynamodb").Table("photos")
Refused = photos.meta.client.exceptions.ConditionalCheckFailedException


def lambda_handler(event, context):
    """Writes an entry for each thumbnail that the messages tell of; lists the messages to try again. About 25 lines."""
    # task 2: bear what comes
    raise NotImplementedError("task 1: index a batch")
