# fails task 1: found.letter
import json

import boto3

kinesis, sqs = boto3.client("kinesis"), boto3.client("sqs")


def lambda_handler(event, context):
    for message in event["Records"]:
        found(message["body"])


def found(text):
    """Sends a text to the queue of what was found. Nothing to change here."""
    sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName="found")["QueueUrl"], MessageBody=text)
