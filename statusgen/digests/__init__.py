"""What is due to whom, and what goes into it. Pure.

`periods` says which period a digest is about and when it is due; `course` how a ticket stood at any moment; `numbers`, `faults`
and `needs` what is counted and named of a team; `team` puts it together. `requests` decides on what one person is told about
their own, and `readers` on who gets which digest. views make messages of it.
"""
