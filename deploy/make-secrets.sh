#!/bin/sh
# Make the files of deploy/secrets: what is random is made, what is yours is an empty file to fill in. What is there stays.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
# The files can be read by the processes in their containers, which are nobody's here; the folder by its owner alone.
chmod 700 secrets
random() { python3 -c 'import secrets; print(secrets.token_urlsafe(48))'; }
keep() { [ -e "secrets/$1" ] || { cat > "secrets/$1"; chmod 444 "secrets/$1"; }; }

random | keep postgres_password
printf 'postgresql://workbot:%s@db/workbot\n' "$(cat secrets/postgres_password)" | keep database_url
random | keep secret_key
for name in smtp_url slack_bot_token slack_signing_secret slack_app_token slack_client_secret teams_client_secret; do
    keep "$name" < /dev/null
    chmod 644 "secrets/$name"
done
echo "deploy/secrets is ready: fill in the files of what you use (smtp_url, slack_…, teams_…), and leave the others empty."
