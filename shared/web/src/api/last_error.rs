//! A stored problem, as answers show it.

use intake::{
    catalogue::Said,
    types::{Class, Problem},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::language;

/// What is wrong, for a person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LastError)]
pub(super) struct ErrorView {
    /// Stable, `snake_case`.
    code: String,
    /// What happened.
    message: String,
    /// What to do; may be empty.
    action: String,
    /// Who has to act: an administrator here (`configuration`), a person who signs in again (`consent`), an administrator
    /// of the provider's side (`administrator`), nobody, since it is tried again (`temporary`). Left out where it is not
    /// known.
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<Class>,
}

/// In the language of the answer.
impl From<Problem> for ErrorView {
    fn from(problem: Problem) -> Self {
        let Said { message, action } = problem.say(language::present());
        Self { message, action, class: problem.class, code: problem.code }
    }
}
