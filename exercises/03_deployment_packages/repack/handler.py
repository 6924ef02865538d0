def lambda_handler(event, context):
    """Answers {"zip": base64 text of a package, "sha256": its CodeSha256} for {"zip": base64 text}. About 15 lines."""
    # task 2: the same files always give the same bytes, which everybody may read; and their sum
    raise NotImplementedError("task 1: take the outer folder away")
