import numbers_of_all_kinds


def lambda_handler(event, context):
    return {"number": numbers_of_all_kinds.double(event["number"])}
