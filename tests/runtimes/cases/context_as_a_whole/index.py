def handler(event, context):
    names = [name for name in dir(context) if not name.startswith("_")]
    values = {name: getattr(context, name) for name in names}
    return {name: repr(value) for name, value in values.items() if not callable(value)} | {"names": names}
