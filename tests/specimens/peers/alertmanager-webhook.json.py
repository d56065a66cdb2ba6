"""Two messages of the webhook, one a line, as a small receiver appends them to a file."""

KIND = "alertmanager"
MEANS = """
incident aaaa000011112222-20261124085500: WikiDown; wiki major_outage; 24 08:55:00 to 24 09:05:00
incident bbbb000011112222-20261124085000: WikiDown; wiki major_outage; 24 08:50:00 to 24 08:58:30
service wiki: Wiki
warning peer: 2 alerts were left out of what the webhook sent: raise `max_alerts` in Alertmanager.
"""
