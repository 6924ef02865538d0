# fails task 2: coffee.misspelled-key
def lambda_handler(event, context):
    left = event["cups"] - event["drunk"]
    return {"left": left, "mesage": f"{left} cups left"}
