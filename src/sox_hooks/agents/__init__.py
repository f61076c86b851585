"""What AI agents call before and after they use a tool, and what connects them to it. Knows every agent's dialect."""
