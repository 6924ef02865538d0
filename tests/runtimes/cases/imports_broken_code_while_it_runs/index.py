def handler(event, context):
    if event == "missing":
        import absent
    import broken
