"""The list of all endpoints holds no events. One is slow and then down; of two with one name, the configuration knows the name."""

KIND = "gatus"
MEANS = """
incident core--wlan-20261124091801: wlan; wifi major_outage; 24 09:18:01 to goes on
incident branch--e-mail-20261124091811: E-mail; mail major_outage; 24 09:18:11 to 24 09:19:11
service wifi: wlan (core)
service mail: E-mail (core)
"""
