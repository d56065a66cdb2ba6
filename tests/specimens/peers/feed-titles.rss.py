"""An RSS that tells stages in titles, as large hosts do. One entry tells none, so it is a notice."""

KIND = "feed"
MORE = """
service = "mail"
[[sources.services]]
service = "sign-in"
when = { category = "Sign-in" }
"""
MEANS = """
notice #regions_1732356000: Informational message: A new region opens; mail operational; 23 10:00:00 to 23 10:00:00; 10:00 -: We investigate where to open the next.
incident #storage_1732438200: Increased error rates; mail degraded_performance; 24 08:50:00 to 24 08:50:00; 08:50 resolved: Between 07:10 and 08:40 we saw errors. T
incident #login_1732439100: Logins fail; sign-in degraded_performance; 24 09:05:00 to goes on; 09:05 investigating: <p>Some logins fail.</p>
planned #db_1732363200: Database upgrade; mail; 28 21:00 to 28 23:00; scheduled; 12:00 scheduled: 2026-11-28 21:00 UTC - 2026-11-28 23:00
service mail: mail
service sign-in: sign-in
"""
