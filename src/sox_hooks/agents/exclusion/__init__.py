"""Files that tell agents what to leave alone, made from the policy and kept in step with it."""
