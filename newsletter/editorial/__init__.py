"""The editorial core: which papers, in which order, for whom, when. Pure: no I/O, no clock."""
