"""Messages of two cameras to pairs of pictures, and back to messages."""
