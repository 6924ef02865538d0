# fails task 1: vote.no-first-vote
import boto3

votes = boto3.resource("dynamodb").Table("votes")
Refused = votes.meta.client.exceptions.ConditionalCheckFailedException


def lambda_handler(event, context):
    answer = votes.update_item(
        Key={"poll": event["poll"]},
        UpdateExpression="SET votes = votes + :one",
        ExpressionAttributeValues={":one": 1},
        ReturnValues="UPDATED_NEW",
    )
    return {"counted": True, "votes": int(answer["Attributes"]["votes"])}
