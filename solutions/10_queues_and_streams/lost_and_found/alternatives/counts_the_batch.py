"""Trusts the letter's batchSize: reads from the first number on until it has so many."""

import json

import boto3

kinesis, sqs = boto3.client("kinesis"), boto3.client("sqs")


def lambda_handler(event, context):
    for message in event["Records"]:
        lost = json.loads(message["body"])["KinesisBatchInfo"]
        missing = lost["batchSize"]
        iterator = kinesis.get_shard_iterator(
            StreamName=lost["streamArn"].partition("/")[2],
            ShardId=lost["shardId"],
            ShardIteratorType="AT_SEQUENCE_NUMBER",
            StartingSequenceNumber=lost["startSequenceNumber"],
        )["ShardIterator"]
        while missing and iterator:
            page = kinesis.get_records(ShardIterator=iterator, Limit=missing)
            for record in page["Records"]:
                found(record["Data"].decode())
            missing -= len(page["Records"])
            iterator = page.get("NextShardIterator")


def found(text):
    sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName="found")["QueueUrl"], MessageBody=text)
