"""Microsoft Teams: typed lines, cards, dialogs, channels, a message extension and a tab, in the tenants that we serve.

TEAMS_CLIENT_ID=…             the app registration of the bot (application id)
TEAMS_CLIENT_SECRET=…         a secret of it
TEAMS_TENANT_ID=…             the directory that it is registered in; TEAMS_TENANTS=… others that may use it
TEAMS_CLOUD=public            or gcc, gcch, dod
TEAMS_LINK_BY_EMAIL=true      false links accounts by the people file's teams_user_id alone
TEAMS_MAIL_DOMAINS=…=…        of which domains people of other tenants may confirm that an account is theirs
TEAMS_COMPARE=true            reads the directory by Graph, where User.Read.All is granted
TEAMS_INSTALL=false           installs the app for those whom we are to write to first, where Graph lets us
TEAMS_ALLOW_UNSIGNED=false    for development, with tools that play Teams on this machine; Microsoft is not asked then
"""
