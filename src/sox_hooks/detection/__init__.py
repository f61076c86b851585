"""Evidence that AI took part in a change: gathered here, judged in `policy.evaluate`."""
