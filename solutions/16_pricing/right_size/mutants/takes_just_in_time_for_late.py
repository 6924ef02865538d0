# fails task 2: size.none
def lambda_handler(event, context):
    """Returns {"memory_mb": …}: the best of the sizes in event["billed_ms"]; and what it saves, if that is asked."""
    sizes = {int(mb): ms for mb, ms in event["billed_ms"].items()}
    most_ms = event.get("most_ms")

    def gb_seconds(mb):
        return mb / 1024 * sizes[mb] / 1000

    in_time = [mb for mb in sizes if most_ms is None or sizes[mb] < most_ms]
    best = min(in_time, key=lambda mb: (gb_seconds(mb), sizes[mb]), default=None)
    answer = {"memory_mb": best}
    if "now_mb" in event and best is not None:
        saved = gb_seconds(event["now_mb"]) - gb_seconds(best)
        answer["saves_usd"] = saved * event["requests"] * event["gb_second"]
    return answer
