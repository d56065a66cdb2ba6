"""An Atom that is written as Statuspage writes it: one entry, two updates."""

KIND = "feed"
MORE = 'service = "mail"'
MEANS = """
incident 90210: Mail is late; mail degraded_performance; 24 08:05:00 to 24 08:40:00; 08:05 investigating: Mail to &amp; from us is late. | 08:40 resolved: All mail is through.
service mail: mail
"""
