# fails task 1: coffee.unknown-name
def lambda_handler(event, context):
    left = event["cups"] - event["drunk"]
    return {"left": left, "message": f"{lefft} cups left"}
