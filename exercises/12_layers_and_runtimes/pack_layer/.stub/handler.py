def lambda_handler(event, context):
    """Answers {"zip": the layer as base64 text} for {"language": "python", "files": {path: text}}. About 10 lines."""
    # task 2: the same files always give the same bytes
    raise NotImplementedError("task 1: a zip that the language finds")
