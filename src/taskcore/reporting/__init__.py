"""
How a team's work flows: figures of each day and facts of each task, read from the log and from nothing else.

`stories` says what an event tells of where a task is, `facts` what a task's story counts for,
`projection` what a stretch of a log changes, `measures` what is read from the figures, and `running`
carries events from a `Source` to a `Reports`. All but the last is pure.
"""
