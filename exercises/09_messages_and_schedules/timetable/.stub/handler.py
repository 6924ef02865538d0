TIMETABLE = {
    "say good morning": "cron(0 12 * * ? *)",
    # task 1: rates
    "count the money": "?",
    "look at the ovens": "?",
    # task 2: hours in Lima, five hours behind UTC
    "open the shop": "?",
    "close the books": "?",
}


def lambda_handler(event, context):
    """Answers {"job": "..."} with its schedule expression. Nothing to change here."""
    return TIMETABLE[event["job"]]
