"""The demo: shipped papers, made-up readers, a mailbox that takes every mail."""
