//! The one error of the core: its kind says what to do, its words are for the reader.

use std::{borrow::Cow, fmt, time::Duration};

use crate::{
    catalogue::{Language, Said, Sentence, TOLD},
    types::{Class, Problem},
};

/// What a caller does about an error. HTTP status codes are made from it in one place, `web`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Try again, where known after this long. Never asks a person to consent.
    Retry {
        /// How long the other side asked to be left alone.
        after: Option<Duration>,
    },
    /// A person has to consent again.
    NeedsConsent,
    /// The provider's administrator has to act.
    NeedsAdministrator,
    /// A setting of an integration or a mailbox, here or at the provider, is wrong: whoever configures it has to act.
    Configuration,
    /// The installation itself lacks something: a setting, a permission, a table, a key. Whoever runs it has to act, and
    /// until then nobody's request can be answered.
    Installation,
    /// The request is wrong; `fields` says where.
    Invalid,
    /// There is no such thing.
    NotFound,
    /// It contradicts what is there.
    Conflict,
    /// It was changed meanwhile (`If-Match`, version, fence of configuration).
    Stale,
    /// Another run holds or took the lease.
    LeaseLost,
    /// This mail cannot be processed.
    Poisoned,
    /// The caller may not.
    Forbidden,
    /// The caller has not signed in.
    Unauthenticated,
    /// More bytes than allowed.
    TooLarge,
    /// Our own mistake.
    Internal,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Retry { after: None },
        Self::NeedsConsent,
        Self::NeedsAdministrator,
        Self::Configuration,
        Self::Installation,
        Self::Invalid,
        Self::NotFound,
        Self::Conflict,
        Self::Stale,
        Self::LeaseLost,
        Self::Poisoned,
        Self::Forbidden,
        Self::Unauthenticated,
        Self::TooLarge,
        Self::Internal,
    ];

    /// A word for it, for alarms to count by.
    pub fn word(self) -> &'static str {
        match self {
            Self::Retry { .. } => "retry",
            Self::NeedsConsent => "needs_consent",
            Self::NeedsAdministrator => "needs_administrator",
            Self::Configuration => "configuration",
            Self::Installation => "installation",
            Self::Invalid => "invalid",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::Stale => "stale",
            Self::LeaseLost => "lease_lost",
            Self::Poisoned => "poisoned",
            Self::Forbidden => "forbidden",
            Self::Unauthenticated => "unauthenticated",
            Self::TooLarge => "too_large",
            Self::Internal => "internal",
        }
    }
}

/// What callers tell apart among errors of one kind. What people read of it is in the code and the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Our own code panicked.
    Panic,
    /// Another key sealed the secret, or it was damaged.
    SecretUnreadable,
    /// A mail server took longer than its limits.
    ServerSlow,
    /// A mail server asks to be left alone.
    ServerThrottles,
}

/// What is wrong with one field of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// JSON pointer (RFC 6901) into the request.
    pub pointer: String,
    /// What is wrong and what would be right.
    pub detail: String,
    /// The same, for other languages; None where an error says it in words of its own.
    pub sentence: Option<Box<Sentence>>,
}

impl FieldError {
    /// This is wrong there.
    pub fn new(pointer: &str, sentence: impl Into<Sentence>) -> Self {
        let sentence = Box::new(sentence.into());
        let detail = sentence.whole(Language::English);
        Self { pointer: pointer.to_owned(), detail, sentence: Some(sentence) }
    }

    /// The whole of what an error without fields says is wrong there.
    pub fn of(pointer: &str, error: Error) -> Self {
        let detail = format!("{} {}", error.message, error.action).trim_end().to_owned();
        Self { pointer: pointer.to_owned(), detail, sentence: error.sentence }
    }

    /// The same in another language, where the catalogue has it.
    #[must_use]
    pub fn in_language(mut self, language: Language) -> Self {
        if let Some(sentence) = &self.sentence {
            self.detail = sentence.whole(language);
        }
        self
    }
}

/// What happened, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// What a caller does about it.
    pub kind: Kind,
    /// Stable, `snake_case`.
    pub code: Cow<'static, str>,
    /// One sentence: what happened.
    pub message: String,
    /// One sentence: what to do; may be empty.
    pub action: String,
    /// For [`Kind::Invalid`]: where.
    pub fields: Box<[FieldError]>,
    /// What callers tell apart, where they do.
    pub cause: Option<Cause>,
    /// Where message and action come from the catalogue: their sentence, for other languages.
    pub sentence: Option<Box<Sentence>>,
}

/// A result of the core.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error in the words of the catalogue; its code is that of the sentence.
    pub fn told(kind: Kind, sentence: impl Into<Sentence>) -> Self {
        let sentence = sentence.into();
        let Said { message, action } = sentence.say(Language::English).unwrap_or_default();
        let code = Cow::Owned(sentence.code());
        let sentence = Some(Box::new(sentence));
        Self { kind, code, message, action, fields: Box::default(), cause: None, sentence }
    }

    /// An error that was stored as a problem, told again.
    pub fn again(kind: Kind, code: &'static str, problem: Problem) -> Self {
        let Problem { message, action, sentence, .. } = problem;
        Self {
            code: Cow::Borrowed(code),
            message,
            action,
            fields: Box::default(),
            cause: None,
            kind,
            sentence,
        }
    }

    /// The same, wrong at this field.
    #[must_use]
    pub fn at(self, pointer: &str, detail: impl Into<Sentence>) -> Self {
        Self { fields: Box::new([FieldError::new(pointer, detail)]), ..self }
    }

    /// The same with its message within this sentence, at `{told}`; what to do is the sentence's. One in words of its own
    /// stays English as a whole.
    #[must_use]
    pub fn within(self, frame: Sentence) -> Self {
        let Self { kind, code, message, fields, cause, sentence, .. } = self;
        let told = match sentence {
            Some(told) => Self::told(kind, frame.around(*told)),
            None => Self { sentence: None, ..Self::told(kind, frame.with(TOLD, message)) },
        };
        Self { code, fields, cause, ..told }
    }

    /// The same with its cause.
    #[must_use]
    pub fn because(self, cause: impl Into<Option<Cause>>) -> Self {
        Self { cause: cause.into(), ..self }
    }

    /// The request is wrong at one field.
    pub fn field(pointer: &str, detail: impl Into<Sentence>) -> Self {
        Self::told(Kind::Invalid, "validation_failed").at(pointer, detail)
    }

    /// There is no such thing.
    pub fn not_found(what: &str) -> Self {
        Self::told(Kind::NotFound, Sentence::variant("not_found", what))
    }

    /// A cursor that its list did not give out: forged, cut, or another list's.
    pub fn invalid_cursor() -> Self {
        Self::told(Kind::Invalid, "invalid_cursor").at("/cursor", "field.cursor.list")
    }

    /// A temporary fault of an outside party.
    pub fn retry(sentence: impl Into<Sentence>) -> Self {
        Self::told(Kind::Retry { after: None }, sentence)
    }

    /// Our own mistake; `detail` must hold no secret.
    pub fn internal(detail: impl fmt::Display) -> Self {
        let message = format!("Maildocket made a mistake: {detail}.");
        Self { message, action: String::new(), sentence: None, ..Self::told(Kind::Internal, "internal") }
    }

    /// True when trying again may help.
    pub fn is_temporary(&self) -> bool {
        matches!(self.kind, Kind::Retry { .. })
    }

    /// For people: what states and attempts keep.
    pub fn problem(&self) -> Problem {
        Problem {
            code: self.code.clone().into_owned(),
            message: self.message.clone(),
            action: self.action.clone(),
            class: self.class(),
            sentence: self.sentence.clone(),
        }
    }

    /// Who has to act, for the faults of outside parties.
    pub fn class(&self) -> Option<Class> {
        match self.kind {
            Kind::Retry { .. } => Some(Class::Temporary),
            Kind::NeedsConsent => Some(Class::Consent),
            Kind::NeedsAdministrator => Some(Class::Administrator),
            Kind::Configuration | Kind::Installation => Some(Class::Configuration),
            _ => None,
        }
    }

    /// The same in another language, where the catalogue has it.
    #[must_use]
    pub fn in_language(mut self, language: Language) -> Self {
        if let Some(said) = self.sentence.as_ref().and_then(|sentence| sentence.say(language)) {
            self.message = said.message;
            self.action = said.action;
        }
        self.fields = self.fields.into_iter().map(|field| field.in_language(language)).collect();
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.code)?;
        self.fields.iter().try_for_each(|field| write!(f, " {}: {}", field.pointer, field.detail))
    }
}

impl std::error::Error for Error {}

/// Collects the errors of a request's fields, so that all are told at once.
#[derive(Debug, Default)]
pub struct FieldErrors {
    fields: Vec<FieldError>,
    name: Option<&'static str>,
}

impl FieldErrors {
    /// Notes one.
    pub fn add(&mut self, pointer: &str, detail: impl Into<Sentence>) {
        self.fields.push(FieldError::new(pointer, detail));
    }

    /// Notes one that callers tell apart: the first of them names the whole error, with this sentence.
    pub fn refuse(&mut self, pointer: &str, name: &'static str, detail: impl Into<Sentence>) {
        self.name(name);
        self.add(pointer, detail);
    }

    /// Gives the whole error this sentence, unless it has one.
    pub fn name(&mut self, name: &'static str) {
        self.name.get_or_insert(name);
    }

    /// Whether nothing was noted yet.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Keeps the value or notes the error.
    pub fn check<T, E: Into<Sentence>>(
        &mut self,
        pointer: &str,
        result: std::result::Result<T, E>,
    ) -> Option<T> {
        result.map_err(|error| self.add(pointer, error)).ok()
    }

    /// What was made of fields that are all right, or everything that is not.
    pub fn finish_with<T>(self, made: Option<T>) -> Result<T> {
        self.finish()?;
        made.ok_or_else(|| Error::internal("a required field without an error and without a value"))
    }

    /// All is well, or everything that is not.
    pub fn finish(self) -> Result<()> {
        if self.fields.is_empty() {
            return Ok(());
        }
        let told = Error::told(Kind::Invalid, self.name.unwrap_or("validation_failed"));
        Err(Error { fields: self.fields.into(), ..told })
    }
}
