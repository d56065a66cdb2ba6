"""One alert fires, one is silenced, and the Watchdog is no disturbance. `endsAt` is no end."""

KIND = "alertmanager"
MEANS = """
incident 4a1f29f7ba3c2d10-20261124084112: Outgoing mail is slow; mail degraded_performance; 24 08:41:12 to goes on
service mail: E-mail
"""
