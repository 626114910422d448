"""Whether a recording is fit for deraining, and how to start the node on its cameras."""
