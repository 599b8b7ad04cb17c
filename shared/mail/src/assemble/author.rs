//! Who wrote a mail into whose From a list or forwarder put its own address.
//!
//! They must, where the author's domain lets no other server send its mail (DMARC, RFC 7489), and tell the author in
//! fields beside it. Anyone can write those fields, so they count only where From itself shows that it was rewritten: it
//! is the address of the list that the mail names, or its name says `via`.

use crate::{
    Address, Mail,
    decode::{address::addresses, charset::Hint, words},
    defect::Defects,
    structure::Field,
};

/// Fields that hold the From that was replaced: RFC 9057; Google Groups, Sympa and others; addy.io.
const REPLACED: [&str; 4] = ["author", "x-original-from", "original-from", "x-anonaddy-original-from-header"];
/// Fields that hold the author's address alone: Google Groups, Mailman 3, addy.io.
const SENDERS: [&str; 3] = ["x-original-sender", "x-mailfrom", "x-anonaddy-original-sender"];
/// Fields that name the address of a list: RFC 2369, Mailman, Majordomo and others.
const LIST_ADDRESSES: [&str; 4] = ["list-post", "x-beenthere", "mailing-list", "x-mailing-list"];
/// Fields that show a list without naming it (RFC 2369, Google Groups, Mailman).
const LIST_SIGNS: [&str; 5] =
    ["x-google-group-id", "x-mailman-version", "list-owner", "list-archive", "list-subscribe"];
/// What programs add to the address of a list for its errors.
const ROLES: [&str; 5] = ["-bounces", "-bounce", "-owner", "-admin", "-errors"];
/// What stands between the author's name and the list's, for lists that are named elsewhere too; [`VIA`] alone tells.
const BETWEEN: [&str; 8] = [
    " über ",
    " a través de ",
    " através de ",
    " par l'intermédiaire de ",
    " tramite ",
    " przez ",
    " prostřednictvím ",
    " через ",
];
const VIA: &str = "via ";
/// More addresses of one list are not known.
const MAX_ADDRESSES: usize = 20;
/// Longer names are not looked at, bytes.
const MAX_NAME: usize = 500;

/// The author of a mail whose From names somebody else; None: the author is who From says.
pub(super) fn behind(mail: &Mail, fields: &[Field], hint: &Hint) -> Option<Address> {
    let from = mail.from.as_ref()?;
    let all = |name: &str| {
        let named = fields.iter().filter(|field| field.name == name);
        named.flat_map(|field| addresses(&field.raw, hint, &mut Defects::default())).collect::<Vec<_>>()
    };
    let list = List::of(fields, &all);
    let seen = Seen { from, via: via(from), is_list: list.is(&from.address) };
    let encoded = list.exists().then(|| encoded(&from.address)).flatten();
    if !seen.is_list && seen.via.is_none() && encoded.is_none() {
        return None;
    }
    let is_another = |address: &Address| {
        address.address.contains('@')
            && !address.address.eq_ignore_ascii_case(&from.address)
            && !list.is(&address.address)
    };
    let first = |names: &[&str]| names.iter().find_map(|name| all(name).into_iter().find(is_another));
    let others = |of: &[Address]| of.iter().filter(|a| is_another(a)).cloned().collect::<Vec<_>>();
    let author = first(&REPLACED)
        .filter(|author| seen.is_list || encoded.is_some() || seen.agrees(author))
        .or_else(|| seen.answers_go_to(&others(&mail.reply_to)))
        .or_else(|| encoded.filter(is_another))
        .or_else(|| {
            first(&SENDERS).filter(|sender| seen.via.is_some() && list.exists() || seen.agrees(sender))
        })
        .or_else(|| seen.copied(&others(&mail.cc)))?;
    let name = author.name.clone().or_else(|| seen.name().map(str::to_owned));
    let name = name.filter(|name| !name.contains('@'));
    Some(Address { name, address: author.address })
}

/// What From shows.
struct Seen<'a> {
    from: &'a Address,
    /// The name before `via`.
    via: Option<&'a str>,
    /// It is the list's own address.
    is_list: bool,
}

impl<'a> Seen<'a> {
    /// The author's name in From.
    fn name(&self) -> Option<&'a str> {
        let name = self.from.name.as_deref()?;
        let name = bare(self.parted().unwrap_or(name));
        (!name.is_empty()).then_some(name)
    }

    /// The author's name where a word parts it from the list's.
    fn parted(&self) -> Option<&'a str> {
        let name = self.from.name.as_deref()?;
        let between = || {
            let found = BETWEEN.iter().filter_map(|word| name.find(word)).min();
            found.filter(|_| self.is_list).map(|at| &name[..at])
        };
        self.via.or_else(between)
    }

    /// Whether it has the name that From shows.
    fn is_named(&self, author: &Address) -> bool {
        let name = author.name.as_deref().map(|name| bare(name).to_lowercase());
        name.is_some() && name == self.name().map(str::to_lowercase)
    }

    /// Whether the name before `via` is this author's, by the name or the address beside it.
    fn agrees(&self, author: &Address) -> bool {
        let Some(shown) = self.parted().and(self.name()).map(str::to_lowercase) else { return false };
        let address = author.address.to_lowercase();
        let local = address.split('@').next().unwrap_or_default();
        let mut words = shown.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 2);
        match &author.name {
            Some(_) if self.is_named(author) => true,
            Some(name) if !name.contains('@') => false,
            _ => shown.contains(&address) || words.any(|word| local.contains(word)),
        }
    }

    /// The author as the one to whom answers go. A list that writes for itself has such an address too, under another
    /// name than its own.
    fn answers_go_to(&self, reply_to: &[Address]) -> Option<Address> {
        let named = reply_to.iter().find(|address| self.is_named(address));
        let [only] = reply_to else { return named.cloned() };
        let domain = |address: &str| address.rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
        let elsewhere = domain(&only.address) != domain(&self.from.address);
        let nameless = self.is_list && self.from.name.is_none();
        let is_author = named.is_some()
            || self.parted().is_some() && self.is_list
            || elsewhere && (nameless || self.agrees(only));
        is_author.then(|| only.clone())
    }

    /// The author as one of those who get a copy: lists whose answers go to themselves put them there.
    fn copied(&self, cc: &[Address]) -> Option<Address> {
        let named = cc.iter().find(|address| self.is_named(address));
        let only = || cc.first().filter(|only| cc.len() == 1 && self.agrees(only));
        named.or_else(only).filter(|_| self.is_list).cloned()
    }
}

/// The name before `via`, as in `'Jane Doe' via Support`, `Jane (via Users)`, `jane@example.com [via Relay]`.
fn via(from: &Address) -> Option<&str> {
    let name = from.name.as_deref().filter(|name| name.len() <= MAX_NAME)?;
    let lower = name.to_ascii_lowercase();
    let at = lower.rfind(VIA).filter(|at| lower[..*at].ends_with([' ', '(', '[']))?;
    let (before, behind) = (&name[..at], &name[at + VIA.len()..]);
    (!bare(before).is_empty() && !bare(behind).is_empty()).then_some(before)
}

fn bare(name: &str) -> &str {
    name.trim_matches(|c: char| c.is_whitespace() || "'\"()[]’‘“”,-".contains(c))
}

/// The address that lists write into one of their own: `jane=example.com@lists.example.org` (groups.io),
/// `jane=40example.com@lists.example.org` (IETF).
fn encoded(address: &str) -> Option<Address> {
    let (local, _) = address.rsplit_once('@')?;
    let (user, domain) = local.split_once("=40").or_else(|| local.rsplit_once('='))?;
    let user = user.rsplit('+').next().unwrap_or(user);
    let is_domain = domain.contains('.')
        && !domain.starts_with('.')
        && domain.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-'));
    (is_domain && !user.is_empty()).then(|| Address { name: None, address: format!("{user}@{domain}") })
}

/// The list that a mail came through.
struct List {
    /// In lower case.
    addresses: Vec<String>,
    /// RFC 2919, in lower case.
    id: Option<String>,
    /// There is one, whatever its name.
    signed: bool,
}

impl List {
    fn of(fields: &[Field], all: &dyn Fn(&str) -> Vec<Address>) -> Self {
        let id = fields.iter().find(|field| field.name == "list-id").map(|field| id(&field.raw));
        let mut addresses: Vec<String> =
            LIST_ADDRESSES.iter().flat_map(|name| all(name)).map(|list| own(&list.address)).collect();
        let signed = fields.iter().any(|field| LIST_SIGNS.contains(&field.name.as_str()));
        if id.is_some() || signed || !addresses.is_empty() {
            addresses.extend(all("sender").iter().filter_map(|sender| without_role(&sender.address)));
        }
        addresses.retain(|address| address.contains('@'));
        addresses.truncate(MAX_ADDRESSES);
        Self { addresses, id: id.filter(|id| !id.is_empty()), signed }
    }

    fn exists(&self) -> bool {
        self.signed || self.id.is_some() || !self.addresses.is_empty()
    }

    fn is(&self, address: &str) -> bool {
        let address = address.to_lowercase();
        let by_id =
            || self.id.as_deref() == address.rsplit_once('@').map(|(l, d)| format!("{l}.{d}")).as_deref();
        // LISTSERV makes an address for each author.
        let made =
            || self.exists() && address.split('@').next().is_some_and(|l| l.ends_with("-dmarc-request"));
        self.addresses.contains(&address) || by_id() || made()
    }
}

/// What stands in brackets, or the whole.
fn id(raw: &[u8]) -> String {
    let text = words::plain(raw);
    let inner = text.rsplit_once('<').map_or(text.as_str(), |(_, inner)| inner);
    inner.trim_matches(['<', '>', ' ', '"']).to_lowercase()
}

/// Without what a `mailto:` URL (RFC 6068) adds.
fn own(address: &str) -> String {
    address.split('?').next().unwrap_or_default().to_lowercase()
}

/// `users@lists.example.org` of `users-bounces@lists.example.org`, or of `owner-users@…`.
fn without_role(address: &str) -> Option<String> {
    let address = address.to_lowercase();
    let (local, domain) = address.rsplit_once('@')?;
    let local = local.split('+').next().unwrap_or(local);
    let list =
        ROLES.iter().find_map(|role| local.strip_suffix(role)).or_else(|| local.strip_prefix("owner-"))?;
    Some(format!("{list}@{domain}"))
}

#[cfg(test)]
mod tests {
    fn author(header: &str) -> String {
        let mail = crate::parse(format!("{header}\nSubject: x\n\nx\n").as_bytes());
        let from = mail.from.unwrap_or_else(|| panic!("no author: {header}"));
        assert_eq!(
            mail.rewritten_from.is_some(),
            mail.defects.contains(&crate::Defect::RewrittenFrom),
            "{header}"
        );
        let kept = mail.rewritten_from.map(|list| format!(" by {}", list.address)).unwrap_or_default();
        format!("{} <{}>{kept}", from.name.unwrap_or_default(), from.address)
    }

    const LIST: &str = "List-Id: Users <users.lists.example.org>";

    #[test]
    fn lists_and_forwarders_tell_the_author() {
        let jane = "Jane Doe <jane@a.example> by users@lists.example.org";
        let reply = "Reply-To: Jane Doe <jane@a.example>";
        let via = "From: Jane Doe via Users <users@lists.example.org>";
        for header in [
            format!("From: \"'Jane Doe' via Users\" <users@lists.example.org>\nX-Original-Sender: jane@a.example\nX-Original-From: Jane Doe <jane@a.example>\nReply-To: Jane Doe <jane@a.example>\n{LIST}"),
            format!("From: \"'Jane Doe' via Users\" <users@lists.example.org>\nX-Original-Sender: jane@a.example\n{LIST}"),
            format!("{via}\n{reply}\nX-Mailman-Version: 2.1.39\n{LIST}"),
            format!("{via}\nReply-To: jane@a.example\nX-BeenThere: users@lists.example.org"),
            format!("{via}\nReply-To: Users <users@lists.example.org>, Jane Doe <jane@a.example>\nList-Post: <mailto:users@lists.example.org>"),
            format!("{via}\nReply-To: users@lists.example.org\nCc: Bob <bob@b.example>, Jane Doe <jane@a.example>\n{LIST}"),
            format!("{via}\nX-Original-Sender: jane@a.example"),
            format!("{via}\nX-MailFrom: jane@a.example\nX-Mailman-Version: 3.3.8\n{LIST}"),
            format!("{via}\n{reply}\nSender: Users <users-bounces@lists.example.org>\nX-Mailman-Version: 2.1.39"),
            format!("From: =?utf-8?q?Jane_Doe_via_Users?= <USERS@lists.example.org>\nX-Original-From: =?utf-8?q?Jane_Doe?= <jane@a.example>\n{LIST}").replace("USERS", "users"),
            format!("From: Jane Doe (via Users) <users@lists.example.org>\n{reply}\n{LIST}"),
            format!("From: Jane Doe über Users <users@lists.example.org>\nX-Original-From: jane@a.example\n{LIST}"),
            format!("From: Jane Doe über Users <users@lists.example.org>\nReply-To: jane@a.example\n{LIST}"),
            format!("From: Jane Doe <users@lists.example.org>\n{reply}\n{LIST}"),
            format!("From: users@lists.example.org\n{reply}\n{LIST}"),
            format!("{via}\nReply-To: users@lists.example.org\nCc: jane@a.example\n{LIST}"),
            format!("{via}\nAuthor: Jane Doe <jane@a.example>\nReply-To: jane@elsewhere.example\n{LIST}"),
            format!("{via}\n{reply}"),
            "From: Jane Doe VIA Users <users@lists.example.org>\nX-Original-From: \"Jane Doe\" <jane@a.example>".to_owned(),
        ] {
            assert_eq!(author(&header), jane, "{header}");
        }
        for (header, expected) in [
            (
                format!("From: Jane <jane=a.example@groups.example>\n{LIST}"),
                "Jane <jane@a.example> by jane=a.example@groups.example",
            ),
            (
                format!("From: Jane <jane=40a.example@dmarc.example>\n{LIST}"),
                "Jane <jane@a.example> by jane=40a.example@dmarc.example",
            ),
            (
                "From: Jane <0001abc-dmarc-request@ls.example>\nReply-To: Jane <jane@a.example>\nList-Owner: <mailto:l@ls.example>".to_owned(),
                "Jane <jane@a.example> by 0001abc-dmarc-request@ls.example",
            ),
            (
                "From: \"jane@a.example [via Relay]\" <r@relay.example>\nReply-To: jane@a.example".to_owned(),
                " <jane@a.example> by r@relay.example",
            ),
        ] {
            assert_eq!(author(&header), expected, "{header}");
        }
    }

    #[test]
    fn who_writes_by_their_own_address_is_the_author() {
        for (header, expected) in [
            // Fields that anyone can write, without a From that was rewritten.
            ("From: Eve <eve@evil.example>\nX-Original-From: Boss <boss@a.example>\nReply-To: Boss <boss@a.example>".to_owned(), "Eve <eve@evil.example>"),
            (format!("From: Eve <eve@evil.example>\nX-Original-From: boss@a.example\nX-Original-Sender: boss@a.example\n{LIST}"), "Eve <eve@evil.example>"),
            ("From: Eve via Support <eve@evil.example>\nX-Original-From: Boss <boss@a.example>\nReply-To: Boss <boss@a.example>".to_owned(), "Eve via Support <eve@evil.example>"),
            ("From: Eve via Support <eve@evil.example>\nX-Original-From: boss@a.example\nReply-To: boss@a.example".to_owned(), "Eve via Support <eve@evil.example>"),
            // A list that changes nothing, and answers that go to it.
            (format!("From: Jane <jane@a.example>\nReply-To: users@lists.example.org\nX-Original-Sender: jane@a.example\n{LIST}"), "Jane <jane@a.example>"),
            (format!("From: Users <users@lists.example.org>\nReply-To: users@lists.example.org\nX-Original-Sender: jane@a.example\n{LIST}"), "Users <users@lists.example.org>"),
            // A newsletter, and people who want answers elsewhere.
            ("From: Shop News <news@shop.example>\nReply-To: service@shop.example\nList-Id: <news.shop.example>".to_owned(), "Shop News <news@shop.example>"),
            ("From: Jane <jane@a.example>\nReply-To: Jane <jane@home.example>".to_owned(), "Jane <jane@a.example>"),
            ("From: Trains via Paris <info@trains.example>\nReply-To: service@trains.example".to_owned(), "Trains via Paris <info@trains.example>"),
            ("From: Via Rail <news@viarail.example>\nReply-To: help@other.example".to_owned(), "Via Rail <news@viarail.example>"),
            ("From: Jane=Doe <a=b@c.example>\nReply-To: x@y.example".to_owned(), "Jane=Doe <a=b@c.example>"),
        ] {
            assert_eq!(author(&header), expected, "{header}");
        }
    }
}
