# 0 of 3 points, timeout
def lambda_handler(event, context):
    while True:
        continue
