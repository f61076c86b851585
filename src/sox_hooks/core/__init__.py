"""The ground floor: small values and helpers that know nothing about git, policies or records."""
