"""Checks of recorded commits against their records and the policy in force."""
