# fails task 1: recipe.lost-own
import json

import boto3
from boto3.dynamodb.conditions import Attr

lambda_ = boto3.client("lambda")
recipes = boto3.resource("dynamodb").Table("recipes")
Refused = recipes.meta.client.exceptions.ConditionalCheckFailedException


def lambda_handler(event, context):
    recipe = recipes.get_item(Key={"id": event["recipe"]})["Item"]
    try:
        recipes.update_item(
            Key={"id": event["recipe"]},
            UpdateExpression="SET wording = :wording, edition = edition + :one",
            ConditionExpression=Attr("edition").eq(recipe["edition"]),
            ExpressionAttributeValues={":wording": reword(recipe["wording"], event["wish"]), ":one": 1},
        )
    except Refused:
        pass
    return {"edition": int(recipe["edition"]) + 1}


def reword(wording, wish):
    """The new wording, by somebody who writes well and slowly. Nothing to change here."""
    answer = lambda_.invoke(FunctionName="writer", Payload=json.dumps({"wording": wording, "wish": wish}))
    return json.load(answer["Payload"])
