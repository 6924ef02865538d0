class Row:
    def _asdict(self):
        return {"id": 1}


class Wrong:
    def _asdict(self):
        return [1]


def handler(event, context):
    return [Row(), Wrong()] if event["wrong"] else [Row(), {"row": Row()}]
