"""A model that can't be used."""


class ModelError(Exception):
    """The model can't be used; the text says why and what to do."""
