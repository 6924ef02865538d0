# fails task 2: coffee.wrong-message
def lambda_handler(event, context):
    left = event["cups"] - event["drunk"]
    return {"left": left, "message": f"{left} cups left" if event["drunk"] else "no cups left"}
