# fails task 3: protect.still-held
import boto3

lambda_ = boto3.client("lambda")


def reserve(function, most):
    """Lets at most so many of a function run at the same time; with None, takes the reservation away."""
    if most is None:
        lambda_.delete_function_concurrency(FunctionName=function)
    else:
        lambda_.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=most)


def left():
    """The concurrency that is left for all functions without a reservation."""
    return lambda_.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]


def lambda_handler(event, context):
    """Reserves, stops or frees event["function"]; answers {"reserved": …, "left": …}."""
    most = 0
    if event.get("stop"):
        most = 0
    elif "connections" in event:
        most = event["connections"] // event["each"]  # the rest of the division serves nobody
    reserve(event["function"], most)
    return {"reserved": most, "left": left()}
