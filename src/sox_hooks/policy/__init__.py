"""From the files of `.sox/` to a `Policy`, and `evaluate()`, the one pure function that decides."""
