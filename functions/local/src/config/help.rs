//! The examples behind `--help`.

pub(super) const DEMO: &str = "Examples:
  maildocket demo                      open the link that it prints, connect the mailbox, and watch mail become issues
  maildocket demo --yes                the mailbox is connected already
  maildocket demo --listen 9000        on this port of this machine
  maildocket demo --yes --once         import once and end: shows that everything works here
  maildocket demo --odd-imap zero-dates    how an odd mail server is borne; --help lists all defects

It keeps everything in a temporary folder, and forgets it when it ends: at Ctrl-C, or once nobody reads what it says.
MAILDOCKET_ADMIN_TOKEN is the token that signs in; without it, one is made and printed.";

pub(super) const SERVE: &str = "Examples:
  maildocket serve
  maildocket serve --listen 9000 --data-dir /srv/maildocket
  maildocket serve --base-url https://mail.example.com     behind a reverse proxy
  MAILDOCKET_MASTER_KEY_FILE=/etc/maildocket/key maildocket serve
  maildocket serve --forget-secrets                        the master key is lost: go on without it

Ends at Ctrl-C or SIGTERM, after what is under way.";

pub(super) const PARSE: &str = "Examples:
  maildocket parse mail.eml
  maildocket parse < mail.eml
  maildocket parse --why mail.eml           each decision with its evidence, in words
  maildocket parse --jsonl < list.jsonl     lines such as {\"id\": 1, \"path\": \"mail.eml\"}
  maildocket parse --handlers handlers.yaml mail.eml    also what a mailbox with these handlers would say of it

  - name: Invoices                                      handlers.yaml, in the shape of PUT /mailboxes/{id}/handlers
    when: {all: [{to: billing@*}, {not: {kind: auto_reply}}]}
    then: [{create_or_comment: {}}, {set: {project: BILL, labels: [invoice]}}]
    stop: true

With --handlers each mail gets two fields more: `decision` (what it is to become, by which handler, and how it looks) and
`trace` (what was looked at). Whether it belongs to a thread is not asked: that is in the store.";

pub(super) const IMPORT: &str = "Examples:
  maildocket import --project SUP mails/           *.eml at any depth, and Maildirs (cur, new, .Subfolder)
  maildocket import --project SUP ~/Maildir
  maildocket import --project SUP archive.mbox     any size; mboxo, mboxrd, mboxcl and mboxcl2
  maildocket import --project SUP mail.eml

Each mail becomes an issue or a comment exactly once, however often the command is run: after Ctrl-C, an error or a power
cut, the same command goes on. Mails that a mailbox of the same project brought already are skipped as duplicates. A mail
counts as received when its topmost Received field says, else its Date, else the mbox's line `From …` or the file's time.

Ends with 0, with 1 where mails failed, and with 130 after Ctrl-C.

Through the running process where there is one, which must be able to read the mails: a hardened service sees neither /home
nor /tmp. Else on the data folder.";

pub(super) const RULES: &str = "Example:
  maildocket rules test --handlers new.yaml mails/";

pub(super) const RULES_TEST: &str = "Examples:
  maildocket rules test --handlers new.yaml mails/                   against what is stored here
  maildocket rules test --handlers maildocket.yaml --mailbox Support mails/    from a configuration
  maildocket rules test --handlers new.yaml --against old.yaml mails/           needs no installation: for a CI
  maildocket rules test --handlers new.yaml --json mails.mbox | jq .different

The mails become what a first import into an empty installation would make of them, all together: threads and copies
among them are known, and nothing is written. Compared are what each mail becomes and where, as whose words it counts,
type, labels, priority, people, text and files.

Ends with 0 where nothing changes, with 1 where something does, and with 2 where it could not look at everything.

Stored rules come from the running process where there is one, else from the data folder.";

pub(super) const DOCTOR: &str = "Examples:
  maildocket doctor
  maildocket doctor --data-dir /srv/maildocket
  maildocket doctor --json | jq '.checks[] | select(.status != \"ok\")'

Ends with 1 where a check failed. A warning may be as it is on this machine.";

pub(super) const STATUS: &str = "Examples:
  maildocket status
  maildocket status --json | jq .warnings

Through the running process where there is one, else on the data folder.";

pub(super) const HEALTH: &str = "Example:
  maildocket health --data-dir /var/lib/maildocket

Asks /healthz of the process that runs on this data folder. Ends with 1 where it does not answer, or cannot work.";

pub(super) const MAILBOX: &str = "Examples:
  maildocket mailbox list
  maildocket mailbox test Support
  maildocket mailbox poll Support

Through the running process where there is one, else on the data folder.";

pub(super) const MAILBOX_LIST: &str = "Examples:
  maildocket mailbox list
  maildocket mailbox list --json | jq -r '.[].name'";

pub(super) const MAILBOX_SHOW: &str = "Examples:
  maildocket mailbox show Support
  maildocket mailbox show mbx_0123456789ABCDEFGHJKMNPQRS --json";

pub(super) const MAILBOX_TEST: &str = "Example:
  maildocket mailbox test Support      names, connection, certificate, sign-in, folder: each ok, or what to do

Ends with 1 where a step failed.";

pub(super) const MAILBOX_POLL: &str = "Example:
  maildocket mailbox poll Support      now, and until nothing is left";

pub(super) const MAILBOX_PREVIEW: &str = "Examples:
  maildocket mailbox preview Support                        with the mailbox's own start
  maildocket mailbox preview Support --since 2026-01-01
  maildocket mailbox preview Support --everything";

pub(super) const MAILBOX_BACKFILL: &str = "Examples:
  maildocket mailbox backfill Support --since 2026-01-01
  maildocket mailbox backfill Support --since 2026-01-01 --before 2026-07-01

Mails that have a record already are left as they are: run it as often as you like.";

pub(super) const REDIRECT_URL: &str = "Examples:
  maildocket redirect-url google
  maildocket redirect-url microsoft
  maildocket redirect-url custom --issuer https://id.example.com/

It depends on the base URL, and of a custom provider on its endpoints. Register it at the provider letter by letter.";

pub(super) const AUTHORIZE: &str = "Examples:
  maildocket authorize Support                        prints a link and waits for the consent
  maildocket authorize Support --open                 also opens it in this machine's browser
  maildocket authorize Support --valid-for-days 7 --no-wait    a link to send to the mailbox's owner

Needs the running process, which answers the provider. Ends with 1 where consent was refused.";

pub(super) const ISSUE: &str = "Examples:
  maildocket issue list --project SUP
  maildocket issue show SUP-42

Through the running process where there is one, else on the data folder.";

pub(super) const ISSUE_LIST: &str = "Examples:
  maildocket issue list
  maildocket issue list --project SUP --status open --limit 100
  maildocket issue list --json | jq -r '.[].key'";

pub(super) const ISSUE_SHOW: &str = "Examples:
  maildocket issue show SUP-42
  maildocket issue show SUP-42 --json | jq .comments";

pub(super) const OPEN: &str = "Examples:
  maildocket open
  maildocket open /mailboxes

Needs the running process. The address is printed as well, for a machine without a browser.";

pub(super) const COMPLETIONS: &str = "Examples:
  maildocket completions bash > ~/.local/share/bash-completion/completions/maildocket
  maildocket completions zsh > ~/.zfunc/_maildocket
  maildocket completions fish > ~/.config/fish/completions/maildocket.fish";

pub(super) const MAN: &str = "Example:
  maildocket man ~/.local/share/man/man1";

pub(super) const TOKEN: &str = "Examples:
  maildocket token create ci --role agent
  maildocket token list
  maildocket token revoke ci

Through the running process where there is one, else on the data folder.";

pub(super) const CREATE: &str = "Examples:
  maildocket token create ci --role agent --expires-in-days 90
  TOKEN=$(maildocket token create admin2)";

pub(super) const REVOKE: &str = "Example:
  maildocket token revoke ci";

pub(super) const LIST: &str = "Examples:
  maildocket token list
  maildocket token list --json";

pub(super) const EXPORT: &str = "Examples:
  maildocket export                        on standard output
  maildocket export maildocket.yaml

YAML, in a stable order: projects, integrations and mailboxes by name. No identifiers, no state, no secrets.";

pub(super) const APPLY: &str = "Examples:
  maildocket apply --dry-run maildocket.yaml     what would change; ends with 0 (nothing) or 3 (something)
  maildocket apply maildocket.yaml
  maildocket apply --prune maildocket.yaml       also delete mailboxes and integrations that are not listed
  maildocket export | ssh other maildocket apply -

  format: 1
  integrations:
    Google Workspace:
      provider: google
      client_id: 1234.apps.googleusercontent.com
      client_secret: {env: GOOGLE_SECRET}        or {file: secret.txt}; `stored` keeps what is there

Objects are found by name: a changed name is another object. What is not listed stays, and so does a field that is left
out; null removes. Everything that is wrong is told at once, and then nothing is changed. What would break a mailbox
that is polled, or delete one, needs --force.

Through the running process where there is one, else on the data folder.";

pub(super) const EXAMPLES: &str = "Examples:
  maildocket demo                      try everything, with a pretend provider and mailbox
  maildocket serve                     run it; the administrator's token is shown at the first start
  maildocket parse mail.eml            what is understood of a raw mail, as JSON
  maildocket import --project SUP ~/Maildir
  maildocket status                    mailboxes, accounts, and what a person should look at
  maildocket mailbox poll Support      now
  maildocket issue list
  maildocket token create ci --role agent
  maildocket doctor                    settings, store, clock, certificates: each ok, or a sentence";
