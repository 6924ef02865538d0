# fails task 2: letin.too-much
def lambda_handler(event, context):
    if event["source"] == "queue":
        # Lambda goes to the queue with the function's role: a policy of the role, without a principal.
        statement = {
            "Effect": "Allow",
            "Action": "sqs:*",
            "Resource": event["arn"],
        }
        return {"Version": "2012-10-17", "Statement": [statement]}
    # The source comes to the function: a statement of the function's policy, for this source alone.
    service = {"bucket": "s3", "topic": "sns"}[event["source"]]
    permission = {
        "Action": "lambda:InvokeFunction",
        "Principal": f"{service}.amazonaws.com",
        "SourceArn": event["arn"],
    }
    if event["source"] == "bucket":
        permission["SourceAccount"] = event["account"]  # an ARN of S3 does not say whose bucket it is
    return permission
