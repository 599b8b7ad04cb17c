//! The test of the mailbox, which is shown step by step, and the choice of another folder.

use axum::extract::State;
use futures::future::join;
use intake::{
    App,
    flows::{
        change::Expect,
        mailboxes::{self, MailboxInput},
        probe,
    },
    types::{given::Given, mailbox::Mailbox},
};
use maud::{Markup, html};
use tokio::sync::mpsc;

use super::{
    consent::mailbox_of,
    shell::{button, on, page, shown},
    trip::{Step, Trip},
};
use crate::pages::frame::{
    console::csrf,
    fields::Filled,
    form::AdministratorForm,
    page::PageResult,
    parts::{card, refused, step, summary},
    pieces::{gap, page_in_pieces},
    visitor::{Administrator, Visitor},
    words::word,
};

/// The button that tests.
pub(super) async fn ask(Administrator(visitor): Administrator, trip: Trip) -> PageResult {
    let trip = trip.at(Step::Test)?;
    let content = html! {
        p { (word("page.guide.test.what")) }
        (button(&visitor, &trip, Step::Test, "", &word("page.guide.test.now"), true))
    };
    Ok(shown(&visitor, &trip, Step::Test, content))
}

/// Tests, and shows each step as it is known; in another folder first, where one was chosen.
pub(super) async fn test(State(app): State<App>, AdministratorForm(sent): AdministratorForm) -> PageResult {
    let trip = Trip::of_form(&sent);
    let mut mailbox = mailboxes::get(&app, mailbox_of(&trip)?).await?.mailbox;
    if let Some(folder) = sent.text("folder").filter(|folder| *folder != mailbox.folder) {
        let input = MailboxInput { folder: Given::Value(folder.to_owned()), ..MailboxInput::default() };
        mailbox =
            mailboxes::patch(&app, &sent.visitor.actor, mailbox.id, &Expect::any(), input).await?.mailbox;
    }
    let content = html! { (card(&word("page.tested"), html! { ol.steps { (gap()) } })) (gap()) };
    let markup = page(&sent.visitor, &trip, Step::Test, content);
    Ok(page_in_pieces(markup, |mut pieces| async move {
        let (told, mut steps) = mpsc::unbounded_channel();
        let following = async {
            while let Some(known) = steps.recv().await {
                pieces.say(step(&known));
            }
        };
        let (report, ()) = join(probe::mailbox_followed(&app, mailbox.id, told), following).await;
        pieces.next();
        pieces.say(match report {
            Ok(report) => html! {
                (summary(&report))
                (after_test(&sent.visitor, &trip, report.ok()))
                (folders(&sent.visitor, &trip, &mailbox, &report.folders))
            },
            Err(error) => {
                html! { (refused(&error, &Filled::default(), &[])) (after_test(&sent.visitor, &trip, false)) }
            }
        });
        pieces
    }))
}

/// The way on, or once more.
fn after_test(visitor: &Visitor, trip: &Trip, is_well: bool) -> Markup {
    if is_well {
        return on(trip, Step::Import, &word("page.guide.to_import"));
    }
    html! {
        div.actions {
            (button(visitor, trip, Step::Test, "", &word("page.guide.test.again"), true))
            @if let Some(id) = trip.mailbox() { a href={ "/mailboxes/" (id) } { (word("page.guide.mend")) } }
        }
    }
}

/// The choice of another folder, where there are others.
fn folders(visitor: &Visitor, trip: &Trip, mailbox: &Mailbox, folders: &[String]) -> Markup {
    if !folders.iter().any(|folder| *folder != mailbox.folder) {
        return html! {};
    }
    card(
        &word("page.guide.folder"),
        html! {
            p { (word("page.guide.folder.what")) }
            form.act method="post" action="/setup/test" {
                (csrf(visitor)) (trip.hidden(&[]))
                label for="folder" { (word("page.field.setup_folder")) }
                select #folder name="folder" {
                    @for folder in folders { option value=(folder) selected[*folder == mailbox.folder] { (folder) } }
                }
                button.second { (word("page.guide.folder.read")) }
            }
        },
    )
}
