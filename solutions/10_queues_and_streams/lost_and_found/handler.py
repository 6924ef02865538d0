import json

import boto3

kinesis, sqs = boto3.client("kinesis"), boto3.client("sqs")


def lambda_handler(event, context):
    """Fetches the records that letters are about."""
    for message in event["Records"]:
        place = json.loads(message["body"])["KinesisBatchInfo"]
        iterator = kinesis.get_shard_iterator(
            StreamARN=place["streamArn"],
            ShardId=place["shardId"],
            ShardIteratorType="AT_SEQUENCE_NUMBER",
            StartingSequenceNumber=place["startSequenceNumber"],
        )["ShardIterator"]
        missing = place["batchSize"]
        while missing and iterator:  # one answer may hold fewer than asked for, or none
            answer = kinesis.get_records(ShardIterator=iterator, Limit=missing)
            for record in answer["Records"]:
                found(record["Data"].decode())
            missing -= len(answer["Records"])
            iterator = answer.get("NextShardIterator")


def found(text):
    """Sends a text to the queue of what was found. Nothing to change here."""
    sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName="found")["QueueUrl"], MessageBody=text)
