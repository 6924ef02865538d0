import json

import boto3

lambda_ = boto3.client("lambda")
recipes = boto3.resource("dynamodb").Table("recipes")
Refused = recipes.meta.client.exceptions.ConditionalCheckFailedException


def lambda_handler(event, context):
    """Puts event["wish"] into a recipe; answers with the new edition. About 15 lines when it is mended."""
    recipe = recipes.get_item(Key={"id": event["recipe"]})["Item"]
    # task 1: what if another cook is faster?
    recipe["wording"] = reword(recipe["wording"], event["wish"])
    recipe["edition"] = int(recipe["edition"]) + 1
    # task 2: this writes more than has changed
    recipes.put_item(Item=recipe)
    return {"edition": recipe["edition"]}


def reword(wording, wish):
    """The new wording, by somebody who writes well and slowly. Nothing to change here."""
    answer = lambda_.invoke(FunctionName="writer", Payload=json.dumps({"wording": wording, "wish": wish}))
    return json.load(answer["Payload"])
