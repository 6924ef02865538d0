import boto3

lambda_ = boto3.client("lambda")


def reserve(function, most):
    """Lets at most so many of a function run at the same time; with None, takes the reservation away."""
    # task 3: take it away
    lambda_.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=most)


def left():
    """The concurrency that is left for all functions without a reservation."""
    # task 2: ask Lambda
    return 1000


def lambda_handler(event, context):
    """Reserves, stops or frees event["function"]; answers {"reserved": …, "left": …}. Some 8 more lines in all."""
    # task 1: how many environments can have their connections? This is something else
    most = event.get("connections", 0)
    reserve(event["function"], most)
    return {"reserved": most, "left": left()}
