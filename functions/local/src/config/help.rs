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

Through the running process where there is one, else on the data folder.";

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
  maildocket doctor --data-dir /srv/maildocket";

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

pub(super) const LIST: &str = "Example:
  maildocket token list";

pub(super) const EXPORT: &str = "Examples:
  maildocket export                        on standard output
  maildocket export maildocket.yaml

YAML, in a stable order: projects, integrations and mailboxes by name. No identifiers, no state, no secrets.";

pub(super) const APPLY: &str = "Examples:
  maildocket apply --dry-run maildocket.yaml     what would change; ends with 0 (nothing) or 3 (something)
  maildocket apply maildocket.yaml
  maildocket apply --prune maildocket.yaml       also delete mailboxes and integrations that are not listed
  maildocket export | ssh other maildocket apply -

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
  maildocket token create ci --role agent
  maildocket doctor                    settings, store, clock, certificates: each ok, or a sentence";
