# fails task 1: real.open
# task 1: what runs, runs here; what belongs to AWS is played
REAL_OR_SIMULATED = {
    "the process that runs your function": "real",
    "the error that Python raises in it": "real",
    "the HTTP call that boto3 makes": "real",
    "the account 123456789012": "simulated",
    "the disks that keep an S3 object": None,
}

# task 2: not begun, begun and wrong, begun and stopped
REPORTS = {
    "still raises NotImplementedError": "not started",
    "returns a wrong answer": "fail",
    "never comes to an end": "timeout",
}


def lambda_handler(event, context):
    """Answers {"question": "the HTTP call that boto3 makes"} with the word in the table. Nothing to change here."""
    return {**REAL_OR_SIMULATED, **REPORTS}[event["question"]]
