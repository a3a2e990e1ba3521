"""E-mail: cards for those whom no chat reaches, and letters such as sign-in links.

SMTP_URL=smtp://user:password@mail.city.example:587   (STARTTLS; smtps:// speaks TLS from the start)
SMTP_URL=smtp://workbot%40city.example@smtp.office365.com:587   (no password: an app signs in, by XOAUTH2)
SMTP_URL=graph://workbot@city.example                 (no SMTP: that mailbox sends, by Microsoft Graph)
SMTP_URL=maildir:///var/lib/workbot/mail              (writes letters into a folder: for trying things)
WORKBOT_MAIL_FROM="Workbot <workbot@city.example>"
WORKBOT_MAIL_AT_ONCE=3          (connections, of all processes together)
WORKBOT_MAIL_PER_MINUTE=30      (without limit, unless told)
WORKBOT_MAIL_TENANT_ID, WORKBOT_MAIL_CLIENT_ID, WORKBOT_MAIL_CLIENT_SECRET, WORKBOT_MAIL_CLOUD   (of that app)
"""
