"""The mail in the inbox, judged: what real runs send, and who looks at it."""
