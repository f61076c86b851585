"""What is signed, how it stands in a commit message, and the local audit log."""
