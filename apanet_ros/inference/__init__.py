"""One pair through the networks within its budget: converted, derained, sent."""
