"""The verbs: gather → publish → plan → send. Each reads, lets the pure core decide, and writes;
each may be run again. The only place where the edges meet."""
