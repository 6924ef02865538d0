"""A generator that ends with the record of the last number; the SQS resource sends what it yields."""

import json

import boto3

kinesis = boto3.client("kinesis")
queue = boto3.resource("sqs").get_queue_by_name(QueueName="found")


def records_of(*, streamArn, shardId, startSequenceNumber, endSequenceNumber, **_):  # the letter's own names
    place = {"StreamName": streamArn.rsplit("/", 1)[-1], "ShardId": shardId}
    place |= {"ShardIteratorType": "AT_SEQUENCE_NUMBER", "StartingSequenceNumber": startSequenceNumber}
    bookmark = kinesis.get_shard_iterator(**place)["ShardIterator"]
    while True:
        page = kinesis.get_records(ShardIterator=bookmark, Limit=2)
        for record in page["Records"]:
            yield record
            if record["SequenceNumber"] == endSequenceNumber:
                return
        bookmark = page["NextShardIterator"]


def lambda_handler(event, context):
    letters = [json.loads(record["body"]) for record in event["Records"]]
    for letter in letters:
        for record in records_of(**letter["KinesisBatchInfo"]):
            queue.send_message(MessageBody=record["Data"].decode("utf-8"))
    return len(letters)
