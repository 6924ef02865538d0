# fails task 3: bell.silent
def lambda_handler(event, context):
    """Returns the keyword arguments of `put_metric_alarm`; event["topic"] is the ARN of the bell."""
    return {
        "AlarmName": "slow-tea",
        "Namespace": "TeaRoom",
        "MetricName": "Wait",
        "ExtendedStatistic": "p95",  # hears five of a hundred, and not one
        "Threshold": 2000,
        "ComparisonOperator": "GreaterThanThreshold",
        "Period": 60,
        "EvaluationPeriods": 3,  # of the last three minutes …
        "DatapointsToAlarm": 2,  # … two
        "TreatMissingData": "notBreaching",  # nobody there, nobody waits
    }
