# fails task 2: recipe.likes-disturb
import json

import boto3
from boto3.dynamodb.conditions import Attr

lambda_ = boto3.client("lambda")
recipes = boto3.resource("dynamodb").Table("recipes")
Refused = recipes.meta.client.exceptions.ConditionalCheckFailedException


def lambda_handler(event, context):
    while True:
        recipe = recipes.get_item(Key={"id": event["recipe"]})["Item"]
        wording = reword(recipe["wording"], event["wish"])
        try:
            recipes.update_item(
                Key={"id": event["recipe"]},
                UpdateExpression="SET wording = :wording, edition = edition + :one",
                ConditionExpression=Attr("edition").eq(recipe["edition"]) & Attr("likes").eq(recipe["likes"]),
                ExpressionAttributeValues={":wording": wording, ":one": 1},
            )
            return {"edition": int(recipe["edition"]) + 1}
        except Refused:
            continue


def reword(wording, wish):
    """The new wording, by somebody who writes well and slowly. Nothing to change here."""
    answer = lambda_.invoke(FunctionName="writer", Payload=json.dumps({"wording": wording, "wish": wish}))
    return json.load(answer["Payload"])
