# 0 of 3 points, any
def lambda_handler(event, context):
    while True:
        print("x" * 100_000)
