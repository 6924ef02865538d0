"""Views: the journal made visible. Pure functions of its records; knows nothing of how things happened."""
