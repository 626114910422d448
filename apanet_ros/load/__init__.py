"""The load test: cameras at a rate of choice, the node, and whether it keeps its promises."""
