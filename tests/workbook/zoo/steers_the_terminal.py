# 0 of 3 points, fail
HOSTILE = "\x1b[2J\x1b]0;passed\x07\u202e</pre><script>alert(1)</script>]]>\r3 of 3 points, pass\x9b31m"


def lambda_handler(event, context):
    print(HOSTILE)
    if event["number"] == 5:
        raise ValueError(HOSTILE)
    return {"number": HOSTILE, "text": HOSTILE}
