"""``/responses``: what an application asks, answered by one of the models that `models` chooses from.

A response goes one way whatever answers it: `request` checks it, `turn` gathers what the model may
know, a model yields pieces, `writing` makes items and events of them, `stored` keeps the outcome.
"""

from typing import Final

DEFAULT: Final = "echo"
"""The model that answers where none is chosen."""
