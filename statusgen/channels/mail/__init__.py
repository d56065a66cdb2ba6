"""Mail: a message through the theme's templates, as the bytes that leave the house and as a page that shows them.

`letters` writes both; `mime` is what goes around them on the way; `preview` is the page. The same message and key give the same bytes.
"""

from __future__ import annotations

from statusgen.channels.mail.letters import Mail
from statusgen.channels.mail.sender import Sender, sender_of

__all__ = ["Mail", "Sender", "sender_of"]
