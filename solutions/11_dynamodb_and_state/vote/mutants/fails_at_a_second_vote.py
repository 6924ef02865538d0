# fails task 2: vote.raises
import boto3

votes = boto3.resource("dynamodb").Table("votes")
Refused = votes.meta.client.exceptions.ConditionalCheckFailedException


def lambda_handler(event, context):
    answer = votes.update_item(
        Key={"poll": event["poll"]},
        UpdateExpression="ADD votes :one, voters :her",
        ConditionExpression="NOT contains(voters, :voter)",
        ExpressionAttributeValues={":one": 1, ":her": {event["voter"]}, ":voter": event["voter"]},
        ReturnValues="UPDATED_NEW",
    )
    return {"counted": True, "votes": int(answer["Attributes"]["votes"])}
