# fails task 1: vote.refuses-others
import boto3

votes = boto3.resource("dynamodb").Table("votes")
Refused = votes.meta.client.exceptions.ConditionalCheckFailedException


def lambda_handler(event, context):
    try:
        votes.update_item(
            Key={"poll": event["poll"]},
            UpdateExpression="ADD votes :one",
            ConditionExpression="attribute_not_exists(poll)",
            ExpressionAttributeValues={":one": 1},
        )
    except Refused:
        return {"counted": False}
    return {"counted": True, "votes": 1}
