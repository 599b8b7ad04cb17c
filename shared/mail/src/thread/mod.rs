//! To which conversation a mail belongs, beside its Message-IDs: Outlook's index, the subject, issue keys and our own
//! reply tokens.

mod id;
mod index;
mod key;
mod subject;
mod token;

pub use id::comparable;
pub use index::ThreadIndex;
pub use key::issue_keys;
pub use subject::{conversation_subject, is_answer, normalised};
pub use token::ReplyKey;
