//! Mails made of rows of tables.

use base64::{Engine, engine::general_purpose::STANDARD};

/// A mail to be understood.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    /// What it shows; rows of the table are made of these.
    pub(crate) class: String,
    from: String,
    pub(crate) subject: String,
    fields: String,
    text: String,
}

impl Letter {
    pub(crate) fn new(class: &str, subject: &str) -> Self {
        Self {
            class: class.to_owned(),
            from: "Jane Doe <jane@customer.example>".to_owned(),
            subject: subject.to_owned(),
            fields: String::new(),
            text: String::new(),
        }
    }

    pub(crate) fn from(self, from: &str) -> Self {
        Self { from: from.to_owned(), ..self }
    }

    pub(crate) fn with(self, fields: &str) -> Self {
        Self { fields: self.fields + fields, ..self }
    }

    pub(crate) fn text(self, text: &str) -> Self {
        Self { text: text.to_owned(), ..self }
    }

    pub(crate) fn raw(&self) -> String {
        let from = if self.from.is_empty() { String::new() } else { format!("From: {}\n", self.from) };
        let typed = self.fields.contains("Content-Type:");
        let kind = if typed { "" } else { "Content-Type: text/plain; charset=utf-8\n" };
        format!(
            "{from}To: support@example.org\nSubject: =?utf-8?b?{}?=\nMessage-ID: <1@customer.example>\n{}{kind}\n{}\n",
            STANDARD.encode(&self.subject),
            self.fields,
            self.text
        )
    }
}

/// A multipart of these parts: its header field and its body.
pub(crate) fn parts(kind: &str, parts: &[(&str, &str)]) -> (String, String) {
    let body: String =
        parts.iter().map(|(media, content)| format!("--b\nContent-Type: {media}\n\n{content}\n")).collect();
    (format!("Content-Type: multipart/{kind}; boundary=b\n"), body + "--b--\n")
}
