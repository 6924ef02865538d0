"""The checks of 11/recipe: a writer who takes so long that another cook, or somebody with a like, comes in between."""

import pytest

from lambda_sandbox.workbook.checks import expect, require, task

WRITER = """
import json, os
import boto3
asked = 0

def lambda_handler(event, context):
    global asked
    asked += 1
    if asked == 1 and os.environ["MEANWHILE"] == "a like":
        boto3.resource("dynamodb").Table("recipes").update_item(
            Key={"id": "scones"}, UpdateExpression="ADD likes :one", ExpressionAttributeValues={":one": 1})
    elif asked == 1 and os.environ["MEANWHILE"] not in ("", event["wish"]):
        wish = {"recipe": "scones", "wish": os.environ["MEANWHILE"]}
        boto3.client("lambda").invoke(FunctionName="exercise", Payload=json.dumps(wish))
    return event["wording"] + " " + event["wish"]
"""


@pytest.fixture
def table(sandbox):
    made = {"AttributeName": "id"}
    sandbox.client("dynamodb").create_table(
        TableName="recipes",
        KeySchema=[made | {"KeyType": "HASH"}],
        AttributeDefinitions=[made | {"AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return sandbox.client("dynamodb")


class Kitchen:
    """A recipe of an edition, and a writer; `meanwhile`: what happens while it writes for the first time."""

    def __init__(self, sandbox, table, rng, meanwhile=""):
        self.table, self.sandbox, self.before = table, sandbox, rng.randrange(2, 9)
        item = {"id": {"S": "scones"}, "wording": {"S": "Mix. Bake."}}
        item |= {"edition": {"N": str(self.before)}, "likes": {"N": "12"}}
        table.put_item(TableName="recipes", Item=item)
        sandbox.deploy(WRITER, name="writer", Timeout=9, Environment={"Variables": {"MEANWHILE": meanwhile}})

    def recipe(self):
        item = self.table.get_item(TableName="recipes", Key={"id": {"S": "scones"}})["Item"]
        return item["wording"]["S"], int(item["edition"]["N"]), int(item["likes"]["N"])


@task(1)
def test_puts_a_wish_into_the_recipe(function, sandbox, table, rng):
    kitchen = Kitchen(sandbox, table, rng)
    answer = function.invoke({"recipe": "scones", "wish": "Add raisins."})
    wording, edition, _ = kitchen.recipe()
    really = {"answer": answer, "wording": wording, "edition": edition}
    due = kitchen.before + 1
    right = {"answer": {"edition": due}, "wording": "Mix. Bake. Add raisins.", "edition": due}
    expect(really, right, says="recipe.wrong-wording")


@task(1)
def test_keeps_both_wishes_when_another_cook_is_faster(function, sandbox, table, rng):
    theirs = rng.choice(["Use butter.", "Serve warm.", "Stir twice."])
    kitchen = Kitchen(sandbox, table, rng, meanwhile=theirs)
    refused = {"ConditionalCheckFailedException": "recipe.gives-up"}
    answer = function.invoke({"recipe": "scones", "wish": "Add raisins."}, says=refused)
    wording, edition, _ = kitchen.recipe()
    require(theirs in wording, says="recipe.lost-theirs", expected=f"Mix. Bake. {theirs} Add raisins.", got=wording)
    require("raisins" in wording, says="recipe.lost-own", expected=f"Mix. Bake. {theirs} Add raisins.", got=wording)
    for seen in (edition, answer["edition"]):
        expect(seen, kitchen.before + 2, says="recipe.wrong-edition", before=kitchen.before)


@task(2)
def test_keeps_a_like_that_comes_while_the_writer_writes(function, sandbox, table, rng):
    kitchen = Kitchen(sandbox, table, rng, meanwhile="a like")
    function.invoke({"recipe": "scones", "wish": "Add raisins."})
    expect(kitchen.recipe()[2], 13, says="recipe.lost-likes")
    asked = len(sandbox.journal(function="writer", kind="invocation.requested"))
    expect(asked, 1, says="recipe.likes-disturb")
