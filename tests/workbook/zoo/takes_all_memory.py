# 0 of 3 points, any
def lambda_handler(event, context):
    taken = []
    while True:
        taken.append(b"x" * (1 << 24))
