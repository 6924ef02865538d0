# fails task 1: vote.wrong-count
import boto3

votes = boto3.resource("dynamodb").Table("votes")
Refused = votes.meta.client.exceptions.ConditionalCheckFailedException


seen = {}


def lambda_handler(event, context):
    voters = seen.setdefault(event["poll"], set())
    if event["voter"] in voters:
        return {"counted": False}
    voters.add(event["voter"])
    return {"counted": True, "votes": len(voters)}
