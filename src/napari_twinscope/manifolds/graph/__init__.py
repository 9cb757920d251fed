"""The neighbourhood graph of units and its kernel, and what is read off them."""
