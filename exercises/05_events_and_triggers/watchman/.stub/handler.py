import json

import boto3
from botocore.exceptions import ClientError

lambda_ = boto3.client("lambda")
s3 = boto3.client("s3")
LOW = 100  # grams


def read(key, otherwise):
    """What the object holds, or `otherwise` if there is none yet."""
    try:
        return json.load(s3.get_object(Bucket="shop", Key=key)["Body"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchKey":
            raise
        return otherwise


def lambda_handler(event, context):
    """Looks at the stock, and tells TARGET of each tea that is running low. About 7 more lines."""
    stock = read("stock.json", {})
    low = {tea: grams for tea, grams in stock.items() if grams < LOW}
    print("running low:", low)
    raise NotImplementedError("task 1: invoke TARGET, the name is in os.environ")
    # task 2: not for those of which it has been told already
