"""Who gets what, and by whose consent: subscribers, their preferences, their comings and goings.

This package stands alone: it is given a connection and what it needs as arguments, and knows
nothing of papers, editions or mail.
"""
