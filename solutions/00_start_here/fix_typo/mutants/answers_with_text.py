# fails task 1: coffee.no-answer-to-read
def lambda_handler(event, context):
    left = event["cups"] - event["drunk"]
    return f"{left} cups left"
