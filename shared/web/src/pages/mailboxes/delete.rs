//! Deleting a mailbox: first what that will do, in numbers.

use axum::extract::State;
use intake::{
    App,
    flows::mailboxes::{self, Counts, Shown},
    types::{ids::MailboxId, message::MessageState},
};
use maud::{Markup, html};

use super::{
    super::frame::{
        console::{console, csrf},
        fields::Filled,
        form::AdministratorForm,
        page::{PageResult, again},
        parts::{Tone, card, notice, on_to, refused, version},
        visitor::{Administrator, Visitor},
        words::{counted, word},
    },
    common::{Of, back, path_of},
};

/// More mails are not counted.
const COUNTED: u64 = 2_000;

/// What deleting will do.
pub(super) async fn page(
    State(app): State<App>,
    Administrator(visitor): Administrator,
    Of(id): Of,
) -> PageResult {
    answer(&app, &visitor, id, html! {}).await
}

/// Deletes it.
pub(super) async fn submit(
    State(app): State<App>,
    Of(id): Of,
    AdministratorForm(form): AdministratorForm,
) -> PageResult {
    match mailboxes::delete(&app, &form.visitor.actor, id, &form.expect()).await {
        Ok(()) => Ok(on_to("/mailboxes", "mailbox_deleting")),
        Err(error) => {
            let told = refused(&error, &Filled::default(), &[]);
            let page = answer(&app, &form.visitor, id, told).await;
            Ok(again(page?, error))
        }
    }
}

async fn answer(app: &App, visitor: &Visitor, id: MailboxId, above: Markup) -> PageResult {
    let of = mailboxes::get(app, id).await?;
    let counts = mailboxes::counts(app, id, COUNTED, 0).await?;
    let content = html! { (above) (content(visitor, &of, &counts)) };
    Ok(console(visitor, &word("page.mailbox.delete"), content))
}

fn content(visitor: &Visitor, of: &Shown, counts: &Counts) -> Markup {
    let all = match counts.complete {
        true => counted("page.mailbox.delete.mails", counts.all()),
        false => counted("page.mailbox.delete.mails_more", counts.all()),
    };
    let (held, made) = (counts.of(MessageState::Held), counts.of(MessageState::Applied));
    html! {
        (back(of))
        (notice(Tone::Bad, html! {
            p { strong { bdi { (of.mailbox.name) } } ": " (word("page.mailbox.delete.asks")) }
        }))
        (card(&word("page.mailbox.delete.goes"), html! {
            ul {
                li { (all) }
                @if held > 0 { li { strong { (counted("page.mailbox.delete.held", held)) } } }
                li { (word("page.mailbox.delete.settings")) }
            }
        }))
        (card(&word("page.mailbox.delete.stays"), html! {
            ul {
                @if counts.complete { li { (counted("page.mailbox.delete.made", made)) } }
                @else { li { (counted("page.mailbox.delete.made_more", made)) } }
                li { (word("page.mailbox.delete.server")) }
                li { (word("page.mailbox.delete.trail")) }
            }
        }))
        form method="post" action=(path_of(of.mailbox.id, "delete")) {
            (csrf(visitor)) (version(of.mailbox.version))
            div.actions {
                button.danger { (word("page.mailbox.delete.now")) }
                a.button.second href=(path_of(of.mailbox.id, "")) { (word("page.mailbox.delete.not")) }
            }
        }
    }
}
