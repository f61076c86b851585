"""What a person types: one file a command, imported only when it is called."""
