# fails task 1: fit.too-tight
def lambda_handler(event, context):
    where = f"{event['region']}:{event['account']}"
    bucket = f"arn:aws:s3:::{event['bucket']}"  # a bucket's ARN holds neither region nor account
    group = f"/aws/lambda/{event['function']}"

    def allow(action, resource):
        return {"Effect": "Allow", "Action": action, "Resource": resource}

    statements = [
        allow("dynamodb:GetItem", f"arn:aws:dynamodb:{where}:table/{event['table']}"),
        allow("s3:GetObject", bucket),
        allow("s3:PutObject", f"{bucket}/bills/*"),
        allow(
            ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
            f"arn:aws:logs:{where}:log-group:{group}:*",
        ),
    ]
    return {"Version": "2012-10-17", "Statement": statements}
