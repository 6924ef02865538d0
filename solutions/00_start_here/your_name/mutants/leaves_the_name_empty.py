# fails task 1: name.not-text
def lambda_handler(event, context):
    """Introduces you: {"name": "Mary-Ann Li", "letters": 9}, in capitals if the event is {"shout": true}."""
    name = ""
    if event.get("shout"):  # missing, None and False all mean no
        name = name.upper()
    return {"name": name, "letters": sum(character.isalpha() for character in name)}
