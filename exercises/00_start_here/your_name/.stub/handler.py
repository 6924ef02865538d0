def lambda_handler(event, context):
    """Introduces you: {"name": "Mary-Ann Li", "letters": 9}, in capitals if the event is {"shout": true}.

    About 5 lines.
    """
    # task 2: count the letters · task 3: shout
    raise NotImplementedError("task 1: return your name")
