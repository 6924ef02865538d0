import json
import os

import boto3

lambda_ = boto3.client("lambda")
secrets = boto3.client("secretsmanager")


def lambda_handler(event, context):
    """Orders at the supplier: {"accepted": True or False}. About 12 lines."""
    raise NotImplementedError("task 1: order with the secret key")
    # task 2: keep the key, and read it anew when it was refused
    # task 3: let nobody see it
