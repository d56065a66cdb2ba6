"""A checkout with its issues: the wiki is down by its last check, of which the summary does not know yet, and has no issue."""

KIND = "upptime"
MEANS = """
incident issue-31: E-mail is down; mail major_outage; 24 08:00:00 to 24 08:40:00; 08:00 investigating: In [`0f3a9c1`](https://git.example/c/0f3 | 08:40 resolved: **Resolved:** E-mail is back up in [`77a
incident wiki-down-202611240911: Wiki; wiki major_outage; 24 09:11:00 to goes on
planned issue-32: New disks for the wiki; wiki; 28 20:00 to 28 22:00; scheduled; 15:00 scheduled: Two hours without the wiki.
service mail: E-mail
service wiki: Wiki
warning peer: issues and comments by people who may not write there, which are left out: 1.
"""
