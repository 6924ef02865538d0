# fails task 1: vote.not-allowed
import boto3

votes = boto3.resource("dynamodb").Table("votes")
Refused = votes.meta.client.exceptions.ConditionalCheckFailedException


def lambda_handler(event, context):
    item = votes.get_item(Key={"poll": event["poll"]}).get("Item", {"poll": event["poll"], "votes": 0, "voters": []})
    if event["voter"] in item["voters"]:
        return {"counted": False}
    item["votes"] += 1
    item["voters"].append(event["voter"])
    votes.put_item(Item=item)
    return {"counted": True, "votes": int(item["votes"])}
