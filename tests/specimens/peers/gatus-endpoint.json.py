"""One endpoint with its events: it flapped, once down and once slow."""

KIND = "gatus"
MEANS = """
incident wiki-20261124070000: Wiki; wiki major_outage; 24 07:00:00 to 24 07:03:00
incident wiki-20261124070400: Wiki; wiki degraded_performance; 24 07:04:00 to 24 07:09:00
service wiki: Wiki
"""
