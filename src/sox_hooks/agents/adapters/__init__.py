"""One module an agent: `ADAPTER`, named after the agent's id in the catalogue of tools."""
