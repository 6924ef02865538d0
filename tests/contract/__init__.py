"""What keeps the house honest: walls between rooms, the public surface, the commands, the documents, the tree."""
