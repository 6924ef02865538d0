# fails task 2: recipe.lost-likes
import json

import boto3
from boto3.dynamodb.conditions import Attr

lambda_ = boto3.client("lambda")
recipes = boto3.resource("dynamodb").Table("recipes")
Refused = recipes.meta.client.exceptions.ConditionalCheckFailedException


def lambda_handler(event, context):
    while True:
        recipe = recipes.get_item(Key={"id": event["recipe"]})["Item"]
        seen = recipe["edition"]
        recipe["wording"] = reword(recipe["wording"], event["wish"])
        recipe["edition"] = seen + 1
        try:
            recipes.put_item(Item=recipe, ConditionExpression=Attr("edition").eq(seen))
            return {"edition": int(recipe["edition"])}
        except Refused:
            continue


def reword(wording, wish):
    """The new wording, by somebody who writes well and slowly. Nothing to change here."""
    answer = lambda_.invoke(FunctionName="writer", Payload=json.dumps({"wording": wording, "wish": wish}))
    return json.load(answer["Payload"])
