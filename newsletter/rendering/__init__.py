"""From an edition to the ready pieces of its mails: templates, the press, TeX, excerpts, text."""
