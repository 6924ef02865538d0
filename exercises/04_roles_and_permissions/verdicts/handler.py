# task 1: the policy of the role, events/role.json, is the only one
ROLE = {
    "read menu.txt": "yes",  # this one is done
    "write orders/1.txt": "?",
    "write menu.txt": "?",
    "read secret/recipe.txt": "?",
    "list the bucket": "?",
}

# task 2: the bucket has a policy too, events/bucket.json
ROLE_AND_BUCKET = {
    "delete orders/1.txt": "?",
    "read archive/1.txt": "?",
    "read secret/recipe.txt": "?",
    "write menu.txt": "?",
}


def lambda_handler(event, context):
    """Answers {"policies": "role", "request": "read menu.txt"} with what stands in the tables. Nothing to change here."""
    return {"role": ROLE, "role and bucket": ROLE_AND_BUCKET}[event["policies"]][event["request"]]
