def lambda_handler(event, context):
    """Introduces you: {"name": "Mary-Ann Li", "letters": 9}, in capitals if the event is {"shout": true}."""
    name = "Ada Lovelace"
    if event.get("shout"):  # missing, None and False all mean no
        name = name.upper()
    return {"name": name, "letters": sum(character.isalpha() for character in name)}
