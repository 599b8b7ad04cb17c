//! Whether the sender of a mail is real, by what the receiving server found out (RFC 8601).
//!
//! Only fields that the receiver itself wrote count: those of its authserv-id, above the first Received field of
//! another host. Whatever is lower down may be forged by the sender. Receivers must remove fields that claim to be
//! theirs (RFC 8601, section 5); in case one does not, a method is read only from the topmost field that names it.

mod domain;
mod results;
mod sign;
mod words;

use crate::decode::address::addresses_of;
use domain::{aligned, is_within, parent};
use results::{MethodResult, Results, sealer};
pub use sign::Sign;

/// Fields that are read, and that [`crate::Mail::trace`] therefore keeps. In lower case.
pub const READS: [&str; 5] =
    ["from", "received", "authentication-results", "arc-seal", "arc-authentication-results"];

/// Domains of the hosts of Microsoft's mailboxes.
const MICROSOFT: [&str; 4] = ["outlook.com", "office365.com", "office365.us", "partner.outlook.cn"];

/// Ends of host names within a provider's network.
const INTERNAL: [&str; 4] = [".internal", ".local", ".localdomain", ".lan"];

/// Whom to believe.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// The authserv-ids of the receiving server, such as `mx.google.com`. Case does not count.
    pub trusted: Vec<String>,
    /// The mailbox is Microsoft's, whose server writes no authserv-id.
    pub microsoft: bool,
    /// Domains of forwarders and lists whose seals (RFC 8617) are believed; anyone can seal, so none by default.
    pub sealers: Vec<String>,
}

/// Whether the author's domain sent the mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It did.
    Pass,
    /// The receiver found that it did not.
    Fail,
    /// Nothing is known: the address in From gives no rights.
    Unverified,
}

/// A [`Verdict`] and by what it was reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authentication {
    /// Whether the author's domain sent the mail.
    pub verdict: Verdict,
    /// What was seen; at least one.
    pub evidence: Vec<Sign>,
}

impl Authentication {
    fn new(verdict: Verdict, sign: Sign) -> Self {
        Self { verdict, evidence: vec![sign] }
    }
}

/// Judges a mail by its trace fields: names in lower case, values unfolded and **not** decoded, top to bottom, as
/// [`crate::Mail::trace`] gives them. Decoded values could hold results that a sender hid in encoded words.
pub fn authenticate(trace: &[(String, String)], settings: &Settings) -> Authentication {
    let author = match author(trace) {
        Ok(author) => author,
        Err(why) => return Authentication::new(Verdict::Unverified, why),
    };
    let fields = believed(trace, settings);
    if fields.is_empty() {
        return Authentication::new(Verdict::Unverified, Sign::NothingReported);
    }
    judge(author, &fields, trace, settings)
}

/// The domain of the only author.
fn author(trace: &[(String, String)]) -> Result<String, Sign> {
    let mut fields = trace.iter().filter(|(name, _)| name == "from");
    let (Some((_, from)), None) = (fields.next(), fields.next()) else {
        return Err(Sign::NotOneFrom);
    };
    let authors = addresses_of(from.as_bytes());
    let [author] = authors.as_slice() else { return Err(Sign::NotOneAddress) };
    let domain = author.address.rsplit_once('@').map(|(_, domain)| domain.to_lowercase());
    domain.filter(|domain| !domain.is_empty()).ok_or(Sign::NoDomain)
}

/// The fields that the receiver wrote.
fn believed(trace: &[(String, String)], settings: &Settings) -> Vec<Results> {
    let mut fields: Vec<Results> = Vec::new();
    let mut topmost = true;
    for (name, value) in trace {
        match name.as_str() {
            "received" if !fields.is_empty() || !is_own(value, settings) => break,
            "authentication-results" => {
                let results = Results::parse(value).filter(|results| is_believed(results, topmost, settings));
                fields.extend(results);
                topmost = false;
            }
            _ => {}
        }
    }
    fields
}

fn is_believed(results: &Results, topmost: bool, settings: &Settings) -> bool {
    match &results.authserv_id {
        Some(id) => settings.trusted.iter().any(|trusted| trusted.eq_ignore_ascii_case(id)),
        None => settings.microsoft && topmost,
    }
}

/// Whether a Received field was written within the receiver's network.
fn is_own(received: &str, settings: &Settings) -> bool {
    let Some((host, names_sender)) = words::received_by(received) else { return false };
    let near =
        |id: &String| is_within(&host, id) || parent(id).is_some_and(|parent| is_within(&host, parent));
    let is_address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok();
    settings.trusted.iter().any(near)
        || settings.microsoft && MICROSOFT.iter().any(|domain| is_within(&host, domain))
        || is_address && !names_sender
        || !host.contains(['.', ':'])
        || INTERNAL.iter().any(|end| host.ends_with(end))
}

fn judge(
    author: String,
    fields: &[Results],
    trace: &[(String, String)],
    settings: &Settings,
) -> Authentication {
    let dmarc = method(fields, "dmarc").next();
    let named = dmarc.and_then(|dmarc| dmarc.property("header.from"));
    if let (true, Some(named)) = (dmarc.is_some_and(|dmarc| dmarc.result == "pass"), named) {
        let domain = named.to_owned();
        return if aligned(named, &author) {
            Authentication::new(Verdict::Pass, Sign::DmarcPass { domain })
        } else {
            Authentication::new(Verdict::Unverified, Sign::DmarcOfAnother { domain, author })
        };
    }
    if let Some(sealer) = sealed(&author, fields, trace, settings) {
        return Authentication::new(Verdict::Pass, Sign::ArcPass { sealer, author });
    }
    if dmarc.is_some_and(|dmarc| dmarc.result == "fail") {
        return Authentication::new(Verdict::Fail, Sign::DmarcFail { author });
    }
    let signers = method(fields, "dkim").filter(|dkim| dkim.result == "pass").filter_map(signer);
    match signers.into_iter().find(|signer| aligned(signer, &author)) {
        Some(signer) => Authentication::new(Verdict::Pass, Sign::DkimPass { signer: signer.to_owned() }),
        None => Authentication::new(Verdict::Unverified, Sign::NothingPassed { author }),
    }
}

/// The results of a method, from the topmost field that names it.
fn method<'a>(fields: &'a [Results], name: &'a str) -> impl Iterator<Item = &'a MethodResult> {
    let field = fields.iter().find(|field| field.list.iter().any(|one| one.method == name));
    field.into_iter().flat_map(|field| &field.list).filter(move |one| one.method == name)
}

fn signer(dkim: &MethodResult) -> Option<&str> {
    let identity =
        || dkim.property("header.i").and_then(|identity| identity.rsplit_once('@')).map(|(_, d)| d);
    dkim.property("header.d").or_else(identity)
}

/// The first sealer, if the receiver found the chain good, all its sealers are believed, and the first of them saw
/// that the author's domain sent the mail.
fn sealed(
    author: &str,
    fields: &[Results],
    trace: &[(String, String)],
    settings: &Settings,
) -> Option<String> {
    method(fields, "arc").next().filter(|arc| arc.result == "pass")?;
    let seals = trace.iter().filter(|(name, _)| name == "arc-seal");
    let sealers: Vec<String> = seals.map(|(_, value)| sealer(value)).collect::<Option<_>>()?;
    let believed = |sealer: &String| settings.sealers.iter().any(|known| known.eq_ignore_ascii_case(sealer));
    let first = sealers.last().filter(|_| sealers.iter().all(believed))?;
    let seen = trace.iter().filter(|(name, _)| name == "arc-authentication-results");
    let mut seen =
        seen.filter_map(|(_, value)| Results::parse_arc(value)).filter(|(instance, _)| *instance == 1);
    let (Some((_, results)), None) = (seen.next(), seen.next()) else { return None };
    let dmarc = results.list.iter().find(|one| one.method == "dmarc")?;
    let passed =
        dmarc.result == "pass" && dmarc.property("header.from").is_some_and(|from| aligned(from, author));
    passed.then(|| first.clone())
}

#[cfg(test)]
mod tests;
