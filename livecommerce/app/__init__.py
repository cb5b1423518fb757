"""The composition root: the only place that reads the settings and makes and wires shells.

One module for each kind of process, whose `run` makes the parts, says that it is ready, waits until
it is stopped, and takes the parts down in reverse; what several of them make is in `parts`. What a
part needs it gets here, as values and collaborators; no part looks for anything by itself. A module
each, because a process should not pay for importing what only another one uses.
"""
