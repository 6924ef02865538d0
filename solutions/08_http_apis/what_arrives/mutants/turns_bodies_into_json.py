# fails task 1: arrives.body-is-text
# REST APIs know five names and take no others; a failure and a malformed answer look the same from outside.
REST = {
    "return {'statusCode': 200, 'body': 'tea'}": 200,
    "return {'tea': 3}": 502,
    "return {'statusCode': 200, 'body': {'tea': 3}}": 200,
    "return {'statusCode': 404}": 404,
    "raise KeyError('tea')": 502,
    "return None": 502,
}

# Payload 2.0 infers: no statusCode, so the value is the body of a success.
HTTP = {
    "return {'tea': 3}": 200,
    "return 'tea'": 200,
    "return {'statusCode': 'tea'}": 500,
    "raise KeyError('tea')": 500,
}


def lambda_handler(event, context):
    return {"REST": REST, "HTTP": HTTP}[event["api"]][event["line"]]
