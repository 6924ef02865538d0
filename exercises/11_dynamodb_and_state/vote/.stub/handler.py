import boto3

votes = boto3.resource("dynamodb").Table("votes")
Refused = votes.meta.client.exceptions.ConditionalCheckFailedException


def lambda_handler(event, context):
    """Counts a vote for event["poll"], one for each event["voter"]. About 12 lines for both tasks."""
    # task 2: one vote for each voter
    raise NotImplementedError("task 1: count every vote")
