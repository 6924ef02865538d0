# fails task 2: gate.only-the-first
PEOPLE = {
    "t-ann": {"name": "ann", "role": "staff"},
    "t-bob": {"name": "bob", "role": "guest"},
}


def lambda_handler(event, context):
    word, _, token = event["authorizationToken"].partition(" ")
    if word != "Bearer" or token not in PEOPLE:
        raise Exception("Unauthorized")  # the one word for which API Gateway answers 401
    person = PEOPLE[token]

    # The answer is kept for this token: it is about the whole API, and not about the request that came first.
    api, stage, *_ = event["methodArn"].split("/")
    method = "*" if person["role"] == "staff" else "GET"
    statement = {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": event["methodArn"]}
    return {
        "principalId": person["name"],
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": person,
    }
