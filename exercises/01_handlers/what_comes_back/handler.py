# task 1: the JSON text that the caller gets, or "error"
RESPONSES = {
    "return 40 + 2": "42",  # this one is done
    "print('tea')": "?",
    "return 'tea'": "?",
    "return (1, 2)": "?",
    "return {1, 2}": "?",
    "return {1: 'one'}": "?",
}

# task 2: does the answer carry FunctionError? "yes" or "no"
MARKED = {
    "raise ValueError('no tea')": "?",
    "return {'errorMessage': 'no tea'}": "?",
    "raise SystemExit(0)": "?",
}


def lambda_handler(event, context):
    """Answers {"line": "return 40 + 2"} with what stands in the tables. Nothing to change here."""
    return {**RESPONSES, **MARKED}[event["line"]]
