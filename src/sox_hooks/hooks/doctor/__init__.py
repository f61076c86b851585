"""Proving that the controls of a clone are live, by trying each: `examination.examine` runs all of it."""
