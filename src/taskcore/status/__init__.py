"""
How a team stands: progress, what is overdue, the plan and the workload, as one report for people.

`gathering` reads it as somebody who asks for it may see it, `writing` makes a document of it, and a document is made
a page by `page`, or a PDF by a `Typesetter`.
"""
