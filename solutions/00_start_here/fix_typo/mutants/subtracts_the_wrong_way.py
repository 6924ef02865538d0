# fails task 1: coffee.wrong-way-round
def lambda_handler(event, context):
    left = event["drunk"] - event["cups"]
    return {"left": left, "message": f"{left} cups left"}
