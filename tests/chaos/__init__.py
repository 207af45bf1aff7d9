"""Rounds of faults against the whole program, judged by a server that knows what it was given.

The program is a black box here: its command line, its settings, `status --json`, and SMTP.
"""
