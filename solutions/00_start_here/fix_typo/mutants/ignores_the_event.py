# fails task 1: coffee.ignores-the-event
def lambda_handler(event, context):
    left = 6
    return {"left": left, "message": f"{left} cups left"}
