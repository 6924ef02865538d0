# fails task 2: found.too-few
import json

import boto3

kinesis, sqs = boto3.client("kinesis"), boto3.client("sqs")


def lambda_handler(event, context):
    for message in event["Records"]:
        place = json.loads(message["body"])["KinesisBatchInfo"]
        iterator = kinesis.get_shard_iterator(
            StreamARN=place["streamArn"],
            ShardId=place["shardId"],
            ShardIteratorType="AT_SEQUENCE_NUMBER",
            StartingSequenceNumber=place["startSequenceNumber"],
        )["ShardIterator"]
        for record in kinesis.get_records(ShardIterator=iterator, Limit=1)["Records"]:
            found(record["Data"].decode())


def found(text):
    """Sends a text to the queue of what was found. Nothing to change here."""
    sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName="found")["QueueUrl"], MessageBody=text)
