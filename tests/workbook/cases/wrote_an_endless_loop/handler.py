def lambda_handler(event, context):
    while True:
        pass
