"""Reads the shard from its beginning, and keeps what lies between the two numbers; sends them in one request."""

import json

import boto3

kinesis, sqs = boto3.client("kinesis"), boto3.client("sqs")


def shard(arn, shard_id):
    start = kinesis.get_shard_iterator(StreamARN=arn, ShardId=shard_id, ShardIteratorType="TRIM_HORIZON")
    iterator = start["ShardIterator"]
    while iterator:
        answer = kinesis.get_records(StreamARN=arn, ShardIterator=iterator)
        yield from answer["Records"]
        if not answer["MillisBehindLatest"] and not answer["Records"]:
            return
        iterator = answer.get("NextShardIterator")


def lambda_handler(event, context):
    queue = sqs.get_queue_url(QueueName="found")["QueueUrl"]
    for message in event["Records"]:
        info = json.loads(message["body"])["KinesisBatchInfo"]
        first, last = int(info["startSequenceNumber"]), int(info["endSequenceNumber"])
        found = [
            record["Data"].decode()
            for record in shard(info["streamArn"], info["shardId"])
            if first <= int(record["SequenceNumber"]) <= last
        ]
        for i in range(0, len(found), 10):
            entries = [{"Id": str(n), "MessageBody": text} for n, text in enumerate(found[i : i + 10])]
            sqs.send_message_batch(QueueUrl=queue, Entries=entries)
