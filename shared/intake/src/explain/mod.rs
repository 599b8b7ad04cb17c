//! What a fault of an outside party means for the person who has to act: tables of what they say, one a party, and the
//! sentences of the catalogue for it.
//!
//! A row tells three things: what callers do about it (the fault), the sentence, and where we have it from.

mod mail_texts;
mod microsoft;
mod provider_words;
mod row;
mod vendors;

use crate::{
    catalogue::Sentence,
    error::{Cause, Error, Kind},
    ports::{MailError, MailFault, OAuthError, OAuthFault},
    types::{
        integration::Provider,
        mailbox::{MailServer, Protocol, Tls},
    },
};

pub use mail_texts::fault as mail_fault;
pub use row::Source;
pub use vendors::provider_of;

/// How a mailbox signs in, as far as a refusal means something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignIn {
    /// With the token of a grant.
    Token,
    /// With a password.
    Password,
}

/// What a provider's words mean, by the number of Microsoft's description first, then by `error`. None where they are not
/// known.
pub fn provider_fault(error: &str, description: Option<&str>) -> Option<OAuthFault> {
    told(error, description).map(|told| told.fault.clone())
}

/// What a row says, whichever table it is in.
struct Told {
    fault: &'static OAuthFault,
    key: &'static str,
    source: Source,
}

impl Told {
    /// The sentence says no more than the word of a standard: what the provider says beside it tells why. What is to be done
    /// about a refused grant does not depend on it.
    fn is_general(&self) -> bool {
        let general = matches!(self.source, Source::Rfc(_)) || self.key == "provider_refused_request";
        general && *self.fault != OAuthFault::GrantRefused
    }
}

fn told(error: &str, description: Option<&str>) -> Option<Told> {
    let number = description.and_then(microsoft::row);
    let number = number.map(|row| Told { fault: &row.fault, key: row.key, source: row.source });
    number.or_else(|| {
        let row = provider_words::row(error, description)?;
        Some(Told { fault: &row.fault, key: row.key, source: row.source })
    })
}

/// What a provider's fault means.
pub fn oauth(error: &OAuthError, provider: Provider) -> Error {
    Error::told(kind(&error.fault), provider_sentence(error, provider))
}

fn provider_sentence(error: &OAuthError, provider: Provider) -> Sentence {
    let word = error.error.as_deref().unwrap_or_default();
    // An answer's status may say more than its words: a known word in a 503 is a short problem all the same.
    let known = told(word, error.description.as_deref());
    match known.filter(|told| is_same(told.fault, &error.fault)) {
        // The word says no more than the fault does, and Google's habits say more.
        Some(Told { key: "grant_refused", .. }) | None => of_fault(error, provider),
        Some(Told { key: "client_refused", .. }) => client_refused(error).seen(own_words(error)),
        Some(told) if told.is_general() => Sentence::new(told.key).seen(own_words(error)),
        Some(told) => Sentence::new(told.key),
    }
}

/// The client, its secret, or the way in which they were sent: none of them is blamed alone.
fn client_refused(error: &OAuthError) -> Sentence {
    let ways: Vec<_> = error.tried.iter().map(|way| way.as_str()).collect();
    match ways.is_empty() {
        true => Sentence::new("client_refused"),
        false => Sentence::new("client_refused.way").with("ways", ways.join(", ")),
    }
}

/// What an error means that the provider's sign-in page sent back to our callback (RFC 6749 section 4.1.2.1): nothing of it
/// is about the token endpoint.
pub fn sign_in_page(error: &OAuthError, provider: Provider) -> Error {
    let told = provider_sentence(error, provider);
    let sentence = match told.code().as_str() {
        "provider_refused_request" => "provider_refused_request.page",
        "provider_refused" => "provider_refused.page",
        "provider_busy" | "provider_unavailable" | "provider_limits" => "provider_busy.page",
        "client_refused" => "client_refused.page",
        "interaction_required" => "interaction_required.page",
        _ => return Error::told(kind(&error.fault), told),
    };
    Error::told(kind(&error.fault), Sentence::new(sentence).seen(words_of_a_provider(error)))
}

/// What a fault on the way to the consent page means.
pub fn authorization_endpoint(error: &OAuthError) -> Error {
    let key = match error.fault {
        OAuthFault::Address => "provider_address.authorization",
        _ => "provider_unavailable.authorization",
    };
    Error::told(kind(&error.fault), Sentence::new(key).seen(seen(error)))
}

/// Whether the provider's words name the mistake more closely than the words of the standard do.
pub fn names_the_mistake(error: &OAuthError) -> bool {
    let told = told(error.error.as_deref().unwrap_or_default(), error.description.as_deref());
    told.is_some_and(|told| told.source != Source::Rfc(6749))
}

fn is_same(one: &OAuthFault, other: &OAuthFault) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(other)
}

fn of_fault(error: &OAuthError, provider: Provider) -> Sentence {
    if error.fault == OAuthFault::ClientRefused {
        return client_refused(error).seen(seen(error));
    }
    let key = match error.fault {
        OAuthFault::GrantRefused if provider == Provider::Google => "grant_refused.google",
        OAuthFault::GrantRefused => "grant_refused",
        OAuthFault::ClientRefused => "client_refused",
        OAuthFault::Administrator => "administrator_needed",
        OAuthFault::NotAnEndpoint => "not_a_token_endpoint",
        OAuthFault::Address => "provider_address",
        OAuthFault::Temporary { .. } | OAuthFault::AnswerLost => "provider_unavailable",
        OAuthFault::Configuration => "provider_refused",
    };
    Sentence::new(key).seen(seen(error))
}

/// The provider's own words, with whose they are.
fn own_words(error: &OAuthError) -> Option<String> {
    named(error, words_of_a_provider(error))
}

/// Words with whose they are.
fn named(error: &OAuthError, words: Option<String>) -> Option<String> {
    match (&error.host, words) {
        (Some(host), Some(words)) => Some(format!("{host}: {words}")),
        (host, words) => words.or_else(|| host.as_deref().map(str::to_owned)),
    }
}

/// A provider's `error` and its description, where it sent them.
pub fn words_of_a_provider(error: &OAuthError) -> Option<String> {
    let words: Vec<_> = error.error.clone().into_iter().chain(error.description.clone()).collect();
    Some(words.join(": ")).filter(|words| !words.is_empty())
}

/// What a provider wrote, as far as it may be kept: printable, at most so many characters, and without what looks like a
/// token.
pub fn kept_words(text: &str, longest: usize) -> String {
    /// The longest word of a sentence: a UUID has 36 characters, a token of 256 bits in base64 has 43.
    const LONGEST_WORD: usize = 40;
    let opaque = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '~' | '+' | '=');
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut kept = String::new();
    let mut rest = text.trim();
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| opaque(c) != opaque(first)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        kept.push_str(if opaque(first) && run.len() >= LONGEST_WORD { "…" } else { run });
        rest = after;
    }
    kept.chars().take(longest).collect()
}

/// The provider's own words, or what was seen of it, where they help to find the mistake.
fn seen(error: &OAuthError) -> Option<String> {
    let words = match error.fault {
        OAuthFault::Configuration | OAuthFault::Administrator | OAuthFault::ClientRefused => {
            words_of_a_provider(error)
        }
        // Its word says it all: what is to be done does not depend on how it ended.
        OAuthFault::GrantRefused => return None,
        OAuthFault::Address
        | OAuthFault::NotAnEndpoint
        | OAuthFault::Temporary { .. }
        | OAuthFault::AnswerLost => {
            let why = error.context.rsplit_once(": ").map(|(_, why)| why.to_owned());
            why.or_else(|| words_of_a_provider(error))
        }
    };
    named(error, words)
}

fn kind(fault: &OAuthFault) -> Kind {
    match fault {
        OAuthFault::Temporary { after } => Kind::Retry { after: *after },
        OAuthFault::AnswerLost => Kind::Retry { after: None },
        OAuthFault::GrantRefused => Kind::NeedsConsent,
        OAuthFault::Administrator => Kind::NeedsAdministrator,
        OAuthFault::ClientRefused
        | OAuthFault::Configuration
        | OAuthFault::NotAnEndpoint
        | OAuthFault::Address => Kind::Configuration,
    }
}

/// The code of a mail server that took longer than its limits.
pub const MAIL_SERVER_SLOW: &str = "mail_server_slow";

/// What a mail server's fault means, after the sign-in. The server's own words follow in brackets.
pub fn mail(error: &MailError) -> Error {
    told_by_a_mail_server(error, SignIn::Password, None)
}

/// What a mail server's fault means for a mailbox that signs in like this, at this server: a vendor's words count at its own
/// hosts only.
pub fn sign_in(error: &MailError, how: SignIn, server: &MailServer) -> Error {
    // RFC 9051 section 6.2.3, RFC 2595 section 4: what is offered before STARTTLS is not what is offered behind it.
    if error.fault == MailFault::NoMechanism && server.tls == Tls::None {
        let words = error.server_text.clone();
        return Error::told(Kind::Configuration, Sentence::new("mail_needs_tls.starttls").seen(words));
    }
    if let Some(spoken) = other_protocol(error, server.protocol) {
        let sentence = Sentence::variant("mail_protocol", spoken);
        return Error::told(Kind::Configuration, sentence.seen(words_at(error, Some(server))));
    }
    told_by_a_mail_server(error, how, Some(server))
}

/// What else answers, where its first words tell it: a POP3 server at the port of IMAP, and so on.
fn other_protocol(error: &MailError, wanted: Protocol) -> Option<&'static str> {
    let words = error.server_text.as_deref().filter(|_| error.fault == MailFault::Protocol)?;
    let begins = |start: &str| words.starts_with(start);
    match wanted {
        Protocol::Imap if begins("+OK") || begins("-ERR") => Some("pop3"),
        Protocol::Pop3 if begins("* OK") || begins("* BYE") || begins("* PREAUTH") => Some("imap"),
        _ if begins("220") => Some("smtp"),
        _ if begins("HTTP/") || begins("<") => Some("http"),
        _ => None,
    }
}

fn told_by_a_mail_server(error: &MailError, how: SignIn, server: Option<&MailServer>) -> Error {
    let host = server.map(|server| &server.host);
    let row = error.server_text.as_deref().and_then(|text| mail_texts::row_of(text, &error.fault));
    let (class, key) = match row {
        // Who signs in with a password has no consent to give again.
        Some(row) if row.class == Kind::NeedsConsent && how == SignIn::Password => match error.fault {
            MailFault::AuthenticationRefused { .. } => mail_default(&error.fault),
            _ => (Kind::Configuration, row.key_at(host)),
        },
        Some(row) => (row.class, row.key_at(host)),
        // It agreed to TLS and then goes on in clear text: that is no wrong port.
        None if error.fault == MailFault::NotTls
            && server.is_some_and(|server| server.tls == Tls::Starttls) =>
        {
            mail_default(&MailFault::Tls)
        }
        None => mail_default(&error.fault),
    };
    let class = match (&error.fault, class) {
        (MailFault::Throttled { after }, _) => Kind::Retry { after: *after },
        (_, class) => class,
    };
    let cause = match row.map_or(&error.fault, |row| &row.fault) {
        MailFault::Throttled { .. } => Some(Cause::ServerThrottles),
        MailFault::TimedOut | MailFault::Silent => Some(Cause::ServerSlow),
        _ => None,
    };
    Error::told(class, Sentence::new(key).seen(words_at(error, server))).because(cause)
}

/// The words of a mail server, with whose they are: they do not say it themselves.
fn words_at(error: &MailError, server: Option<&MailServer>) -> Option<String> {
    let words = words_of_a_mail_server(error)?;
    Some(match server.filter(|_| error.server_text.is_some()) {
        Some(MailServer { host, port, .. }) => format!("{host}:{port}: {words}"),
        None => words,
    })
}

/// Its own words, always; but for a pause in milliseconds, which the state tells better.
fn words_of_a_mail_server(error: &MailError) -> Option<String> {
    let throttled = matches!(error.fault, MailFault::Throttled { .. });
    match &error.server_text {
        Some(text) if throttled && text.to_ascii_lowercase().contains("backoff time") => None,
        Some(text) => Some(text.clone()),
        None if throttled => None,
        None => Some(error.context.clone()),
    }
}

fn mail_default(fault: &MailFault) -> (Kind, &'static str) {
    let retry = Kind::Retry { after: None };
    match fault {
        MailFault::NotResolved => (Kind::Configuration, "mail_host_unknown"),
        MailFault::AddressRefused => (Kind::Configuration, "mail_address_not_allowed"),
        MailFault::Unreachable => (retry, "mail_server_unreachable"),
        MailFault::Certificate => (Kind::Configuration, "mail_certificate_invalid"),
        MailFault::Untrusted => (Kind::Configuration, "mail_certificate_invalid.untrusted"),
        MailFault::NotTls => (Kind::Configuration, "mail_tls_failed.clear"),
        MailFault::Tls => (Kind::Configuration, "mail_tls_failed"),
        MailFault::TlsOutdated => (Kind::Configuration, "mail_tls_outdated"),
        MailFault::Protocol => (Kind::Configuration, "mail_protocol"),
        MailFault::Refused => (Kind::Configuration, "mail_refused"),
        MailFault::AuthenticationRefused { .. } => (Kind::Configuration, "mail_sign_in_refused"),
        MailFault::SignInBlocked => (Kind::NeedsAdministrator, "mail_sign_in_blocked"),
        MailFault::AddressBlocked => (Kind::NeedsAdministrator, "mail_address_blocked"),
        MailFault::NoMechanism => (Kind::Configuration, "mail_no_mechanism"),
        MailFault::NotPermitted => (Kind::Configuration, "mailbox_not_permitted"),
        MailFault::NoFolder => (Kind::Configuration, "folder_missing"),
        MailFault::Throttled { .. } => (retry, "mail_throttled"),
        MailFault::Temporary => (retry, "mail_server_busy"),
        MailFault::TimedOut => (retry, MAIL_SERVER_SLOW),
        MailFault::Silent => (retry, "mail_server_slow.silent"),
        MailFault::TooLarge => (retry, "mail_answer_too_large"),
        MailFault::TooMany => (Kind::Configuration, "maildrop_too_large"),
        MailFault::NotOffered => (Kind::Configuration, "mail_server_cannot"),
    }
}

#[cfg(test)]
mod tests;
