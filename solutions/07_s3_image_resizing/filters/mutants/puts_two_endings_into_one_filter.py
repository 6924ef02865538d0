# fails task 1: filters.one-ending
def lambda_handler(event, context):
    """Returns the bucket's notification configuration for the function event["function_arn"]."""
    return {
        "LambdaFunctionConfigurations": [
            {
                "LambdaFunctionArn": event["function_arn"],
                "Events": ["s3:ObjectCreated:*"],  # put, post, copied, uploaded in parts
                "Filter": {
                    "Key": {
                        "FilterRules": [
                            {"Name": "prefix", "Value": "uploads/"},
                            *({"Name": "suffix", "Value": ending} for ending in (".jpg", ".png")),
                        ]
                    }
                },
            }
        ]
    }
