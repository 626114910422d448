"""How fast, how large and how good a bargain a network is; never imported by the node."""
