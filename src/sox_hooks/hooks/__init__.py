"""What git and its hook hosts call."""
