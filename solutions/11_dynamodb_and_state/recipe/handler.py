import json

import boto3
from boto3.dynamodb.conditions import Attr

lambda_ = boto3.client("lambda")
recipes = boto3.resource("dynamodb").Table("recipes")
Refused = recipes.meta.client.exceptions.ConditionalCheckFailedException


def lambda_handler(event, context):
    """Puts event["wish"] into a recipe; answers with the number of the new edition."""
    key = {"id": event["recipe"]}
    while True:  # ends: each time round, somebody else's wish has come true, or our time is up
        recipe = recipes.get_item(Key=key, ConsistentRead=True)["Item"]
        try:
            recipes.update_item(
                Key=key,
                UpdateExpression="SET wording = :wording, edition = edition + :one",
                ConditionExpression=Attr("edition").eq(recipe["edition"]),  # still the one that was read
                ExpressionAttributeValues={":wording": reword(recipe["wording"], event["wish"]), ":one": 1},
            )
            return {"edition": int(recipe["edition"]) + 1}
        except Refused:
            print("another cook was faster")


def reword(wording, wish):
    """The new wording, by somebody who writes well and slowly. Nothing to change here."""
    answer = lambda_.invoke(FunctionName="writer", Payload=json.dumps({"wording": wording, "wish": wish}))
    return json.load(answer["Payload"])
