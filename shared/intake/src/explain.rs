//! Sentences: what a fault of an outside party means for the person who has to act. One table a party.

mod microsoft;

use crate::{
    error::{Error, Kind},
    ports::{MailError, MailFault, OAuthError, OAuthFault},
    types::integration::Provider,
};

/// What a provider's fault means.
pub fn oauth(error: &OAuthError, provider: Provider) -> Error {
    if let Some((code, message, action)) = error.description.as_deref().and_then(microsoft::told) {
        return Error::new(kind(&error.fault), code, message).action(action);
    }
    let known = match error.error.as_deref() {
        Some("access_denied") => Some((
            "access_denied",
            "The sign-in was cancelled or refused.",
            "Try again and accept the permissions.",
        )),
        Some("invalid_scope") => Some((
            "scopes_invalid",
            "One of the requested permissions is unknown to the provider.",
            "Check the scopes of the integration.",
        )),
        Some("unauthorized_client") => Some((
            "client_not_allowed",
            "The provider does not allow this app to use this kind of sign-in.",
            "Check the app registration.",
        )),
        Some("admin_policy_enforced") => Some((
            "admin_policy",
            "The organisation's administrator blocks this app.",
            "Ask the Google Workspace administrator to trust it.",
        )),
        Some("deleted_client" | "disabled_client") => Some((
            "client_deleted",
            "The client was deleted or disabled at the provider.",
            "Create a new one and enter it in the integration.",
        )),
        Some("invalid_request" | "unsupported_grant_type") => Some((
            "provider_refused_request",
            "The provider did not understand the request.",
            "Check that the token endpoint is right.",
        )),
        _ => None,
    };
    let rapt = error.description.as_deref() == Some("invalid_rapt");
    let (code, message, action) = match (&error.fault, known) {
        (_, Some(known)) => known,
        (OAuthFault::GrantRefused, _) if rapt => (
            "reauthentication_policy",
            "The Google Workspace administrator requires regular re-authentication for this app.",
            "Ask for an exemption, or sign in again.",
        ),
        (OAuthFault::GrantRefused, _) if provider == Provider::Google => (
            "grant_refused",
            "Google ended the permission for this account.",
            "Sign in again. If this happens every 7 days, set the app's publishing status to In production.",
        ),
        (OAuthFault::GrantRefused, _) => (
            "grant_refused",
            "The permission for this account is no longer valid.",
            "Sign in again to reconnect it.",
        ),
        (OAuthFault::ClientRefused, _) => (
            "client_refused",
            "The provider refuses the client ID or the client secret.",
            "Enter the current values from the provider's console.",
        ),
        (OAuthFault::Administrator, _) => (
            "administrator_needed",
            "The provider's administrator has to allow this sign-in.",
            "Ask the administrator of the organisation.",
        ),
        (OAuthFault::NotAnEndpoint, _) => (
            "not_a_token_endpoint",
            "What answers at the token endpoint is not an OAuth 2.0 provider.",
            "Check the token endpoint of the integration.",
        ),
        (OAuthFault::Address, _) => (
            "provider_address",
            "The provider's address cannot be used.",
            "Check the endpoints of the integration.",
        ),
        (OAuthFault::Temporary { .. } | OAuthFault::AnswerLost, _) => (
            "provider_unavailable",
            "The provider cannot be reached or has a short problem.",
            "Try again in a minute; check the token endpoint if this stays so.",
        ),
        (OAuthFault::Configuration, _) => (
            "provider_refused",
            "The provider refused the request.",
            "Check the integration against the provider's console.",
        ),
    };
    let seen = if known.is_some() { None } else { seen(error) };
    let message = match seen {
        Some(seen) => format!("{} ({seen}).", message.trim_end_matches('.')),
        None => message.to_owned(),
    };
    Error::new(kind(&error.fault), code, message).action(action)
}

/// The provider's own words, or what was seen of it, where they help to find the mistake.
fn seen(error: &OAuthError) -> Option<String> {
    let words =
        || error.error.clone().into_iter().chain(error.description.clone()).collect::<Vec<_>>().join(": ");
    match error.fault {
        OAuthFault::Configuration => Some(words()).filter(|words| !words.is_empty()),
        OAuthFault::Address
        | OAuthFault::NotAnEndpoint
        | OAuthFault::Temporary { .. }
        | OAuthFault::AnswerLost => {
            let why = error.context.rsplit_once(": ").map(|(_, why)| why.to_owned());
            why.or_else(|| Some(words()).filter(|words| !words.is_empty()))
        }
        _ => None,
    }
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

/// What a mail server's fault means. The server's own words follow in brackets where they may help.
pub fn mail(error: &MailError) -> Error {
    let (kind, code, message, action) = of_mail_fault(error);
    let told = error.server_text.clone().unwrap_or_else(|| error.context.clone());
    let with_words = !matches!(error.fault, MailFault::Throttled { .. });
    let message =
        if with_words { format!("{} ({told}).", message.trim_end_matches('.')) } else { message.to_owned() };
    Error::new(kind, code, message).action(action)
}

fn of_mail_fault(error: &MailError) -> (Kind, &'static str, &'static str, &'static str) {
    let text = error.server_text.as_deref().unwrap_or_default().to_ascii_lowercase();
    let retry = Kind::Retry { after: None };
    match &error.fault {
        MailFault::NotResolved => (
            Kind::Configuration,
            "mail_host_unknown",
            "The mail server's name does not resolve.",
            "Check the host of the mailbox.",
        ),
        MailFault::AddressRefused => (
            Kind::Configuration,
            "mail_address_not_allowed",
            "The mail server's address is not a public one.",
            "Check the host, or allow private networks if the server is in yours.",
        ),
        MailFault::Unreachable => (
            retry,
            "mail_server_unreachable",
            "The mail server does not answer.",
            "Check host and port if this stays so.",
        ),
        MailFault::Certificate => (
            Kind::Configuration,
            "mail_certificate_invalid",
            "The mail server's certificate cannot be trusted.",
            "Use the name that the certificate is for, or have the server's certificate renewed.",
        ),
        MailFault::Tls => (
            Kind::Configuration,
            "mail_tls_failed",
            "No protected connection to the mail server could be made.",
            "Check port and kind of TLS.",
        ),
        MailFault::Protocol => (
            Kind::Configuration,
            "mail_protocol",
            "The mail server's answer was not understood.",
            "Check host, port and protocol.",
        ),
        MailFault::Refused => (
            Kind::Configuration,
            "mail_refused",
            "The mail server refuses what it is asked for.",
            "Its words say why; check host, port and folder if this stays so.",
        ),
        MailFault::AuthenticationRefused { .. }
            if text.contains("not enabled for imap") || text.contains("imap access is disabled") =>
        {
            (
                Kind::NeedsAdministrator,
                "imap_switched_off",
                "IMAP is switched off for this mailbox.",
                "Switch it on in the mailbox's settings, or ask the administrator.",
            )
        }
        MailFault::AuthenticationRefused { .. }
            if text.contains("log in via your web browser") || text.contains("web login required") =>
        {
            (
                Kind::NeedsConsent,
                "web_login_required",
                "Google wants this sign-in to be confirmed.",
                "Open the mailbox in a browser, confirm, then sign in again here.",
            )
        }
        MailFault::AuthenticationRefused { .. } => (
            Kind::Configuration,
            "mail_sign_in_refused",
            "The mail server refuses the sign-in.",
            "Check the user name, the password or the account that consented, and that IMAP is switched on for the mailbox.",
        ),
        MailFault::NoMechanism => (
            Kind::Configuration,
            "mail_no_mechanism",
            "The mail server offers no way to sign in that fits.",
            "Choose another way to sign in for this mailbox.",
        ),
        MailFault::NotPermitted => (
            Kind::Configuration,
            "mailbox_not_permitted",
            "The account may sign in but cannot open this mailbox.",
            "Give it full access to the mailbox, or correct the mailbox's address.",
        ),
        MailFault::NoFolder => (
            Kind::Configuration,
            "folder_missing",
            "The folder does not exist.",
            "Check its name; INBOX always exists.",
        ),
        MailFault::Throttled { after } => (
            Kind::Retry { after: *after },
            "mail_throttled",
            "The mail server slows this mailbox down; reading goes on by itself.",
            "",
        ),
        MailFault::Temporary => (
            retry,
            "mail_server_busy",
            "The mail server has a short problem.",
            "It is tried again by itself.",
        ),
        MailFault::TimedOut => (
            retry,
            "mail_server_slow",
            "The mail server did not answer in time.",
            "It is tried again by itself; check host, port and kind of TLS if this stays so.",
        ),
        MailFault::TooLarge => (
            retry,
            "mail_answer_too_large",
            "The mail server announced more than one answer may have.",
            "It is tried again by itself.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(fault: OAuthFault, word: &str, description: &str) -> OAuthError {
        OAuthError {
            fault,
            context: "x".to_owned(),
            error: Some(word.to_owned()),
            description: Some(description.to_owned()),
        }
    }

    #[test]
    fn numbers_win_over_words_and_words_over_faults() {
        let expired = error(
            OAuthFault::ClientRefused,
            "invalid_client",
            "AADSTS7000222: The provided client secret keys are expired.",
        );
        assert_eq!(oauth(&expired, Provider::Microsoft).code, "client_secret_expired");
        let denied = error(OAuthFault::GrantRefused, "access_denied", "x");
        assert_eq!(oauth(&denied, Provider::Custom).code, "access_denied");
        let google =
            oauth(&error(OAuthFault::GrantRefused, "invalid_grant", "Bad Request"), Provider::Google);
        assert!(google.action.contains("In production"));
        let busy = error(OAuthFault::Temporary { after: None }, "server_error", "x");
        assert!(oauth(&busy, Provider::Google).is_temporary());
    }
}
