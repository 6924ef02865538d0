import boto3

kinesis, sqs = boto3.client("kinesis"), boto3.client("sqs")


def lambda_handler(event, context):
    """Fetches the records that letters are about, and calls found(text) for each. About 10 lines."""
    # task 2: several records
    raise NotImplementedError("task 1: find one record")


def found(text):
    """Sends a text to the queue of what was found. Nothing to change here."""
    sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName="found")["QueueUrl"], MessageBody=text)
