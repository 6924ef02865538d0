# fails task 3: key.in-the-answer
import json
import os

import boto3

lambda_ = boto3.client("lambda")
secrets = boto3.client("secretsmanager")
kept = {}  # for as long as this environment lives


def supplier_key(anew):
    if anew or "key" not in kept:
        kept["key"] = secrets.get_secret_value(SecretId=os.environ["SECRET"])["SecretString"]
    return kept["key"]


def accepts(order, key):
    payload = json.dumps({"key": key, "order": order})
    answer = json.load(lambda_.invoke(FunctionName="supplier", Payload=payload)["Payload"])
    return answer


def lambda_handler(event, context):
    # A refusal may mean that the key has changed: read it anew, and try just once more.
    answer = accepts(event, supplier_key(anew=False))
    return answer if answer["accepted"] else accepts(event, supplier_key(anew=True))
