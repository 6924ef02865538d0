# 0 of 3 points, any
def lambda_handler(event, context):
    with open("/tmp/full", "wb") as file:
        while True:
            file.write(bytes(1 << 22))
