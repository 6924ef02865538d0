def handler(event, context):
    left = context.get_remaining_time_in_millis()
    return [type(left).__name__, left > 0]
