# task 1: "real" or "simulated"?
REAL_OR_SIMULATED = {
    "the process that runs your function": None,
    "the error that Python raises in it": None,
    "the HTTP call that boto3 makes": None,
    "the account 123456789012": None,
    "the disks that keep an S3 object": None,
}

# task 2: which status does `check` report for a handler that...
REPORTS = {
    "still raises NotImplementedError": None,
    "returns a wrong answer": None,
    "never comes to an end": None,
}


def lambda_handler(event, context):
    """Answers {"question": "the HTTP call that boto3 makes"} with the word in the table. Nothing to change here."""
    return {**REAL_OR_SIMULATED, **REPORTS}[event["question"]]
