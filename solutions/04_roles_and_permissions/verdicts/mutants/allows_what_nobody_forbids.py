# fails task 1: verdict.nobody-allows
ROLE = {
    "read menu.txt": "yes",
    "write orders/1.txt": "yes",  # WriteOrders
    "write menu.txt": "yes",
    "read secret/recipe.txt": "no",  # ReadAll allows it, KeepItSecret denies it
    "list the bucket": "no",  # ListIt names the objects; one lists a bucket
}

ROLE_AND_BUCKET = {
    "delete orders/1.txt": "yes",  # the bucket allows it
    "read archive/1.txt": "no",  # the bucket denies it
    "read secret/recipe.txt": "no",  # the role's Deny stands, whatever the bucket allows
    "write menu.txt": "no",
}


def lambda_handler(event, context):
    return {"role": ROLE, "role and bucket": ROLE_AND_BUCKET}[event["policies"]][event["request"]]
