"""Evidence that an AI tool or a bot took part. Everything here gathers and grades; `policy.evaluate` decides."""
