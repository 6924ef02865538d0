# fails task 2: comes.exit-is-no-answer
# task 1: the JSON text that the caller gets, or "error"
RESPONSES = {
    "return 40 + 2": "42",
    "print('tea')": "null",  # nothing is returned, so None
    "return 'tea'": '"tea"',  # a text in JSON has double quotes
    "return (1, 2)": "[1, 2]",  # JSON has one kind of sequence
    "return {1, 2}": "error",  # and no sets
    "return {1: 'one'}": '{"1": "one"}',  # its keys are texts
}

# task 2: does the answer carry FunctionError? "yes" or "no"
MARKED = {
    "raise ValueError('no tea')": "yes",
    "return {'errorMessage': 'no tea'}": "no",  # Lambda does not read responses
    "raise SystemExit(0)": "no",
}


def lambda_handler(event, context):
    """Answers {"line": "return 40 + 2"} with what stands in the tables. Nothing to change here."""
    return {**RESPONSES, **MARKED}[event["line"]]
