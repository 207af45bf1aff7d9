"""The documents against the code: what is generated from it, and what must agree with it."""
