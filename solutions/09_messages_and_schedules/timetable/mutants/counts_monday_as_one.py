# fails task 2: timetable.sunday-is-1
TIMETABLE = {
    "say good morning": "cron(0 12 * * ? *)",
    "count the money": "rate(1 hour)",  # one hour, two hours
    "look at the ovens": "rate(15 minutes)",  # or cron(0/15 * * * ? *), which fires at 0, 15, 30 and 45
    "open the shop": "cron(0 14 ? * 1-5 *)",  # the day of the month is not asked for: ?
    "close the books": "cron(30 3 1 * ? *)",  # 22:30 in Lima is 03:30 in UTC, on the first of the next month
}


def lambda_handler(event, context):
    """Answers {"job": "..."} with its schedule expression."""
    return TIMETABLE[event["job"]]
