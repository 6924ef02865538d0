import boto3

votes = boto3.resource("dynamodb").Table("votes")
Refused = votes.meta.client.exceptions.ConditionalCheckFailedException


def lambda_handler(event, context):
    """Counts a vote for event["poll"], one for each event["voter"]."""
    try:
        answer = votes.update_item(
            Key={"poll": event["poll"]},
            UpdateExpression="ADD votes :one, voters :her",  # makes what is missing, the item too
            ConditionExpression="NOT contains(voters, :voter)",
            ExpressionAttributeValues={":one": 1, ":her": {event["voter"]}, ":voter": event["voter"]},
            ReturnValues="UPDATED_NEW",
        )
    except Refused:
        return {"counted": False}
    return {"counted": True, "votes": int(answer["Attributes"]["votes"])}
