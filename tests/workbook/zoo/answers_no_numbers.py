# 0 of 3 points, any
def lambda_handler(event, context):
    return {"number": float("nan"), "text": "\ud800"}
