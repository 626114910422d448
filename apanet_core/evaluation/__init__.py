"""How well a model derains."""
