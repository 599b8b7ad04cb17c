//! What is said of a mail's kind: people's mails are never taken for a machine's for certain, machines' mails mostly are.

mod holds;
mod machines;
mod people;
mod shapes;

use std::collections::BTreeMap;

use mail::{Certainty, Kind};
use shapes::Letter;

/// What a mail was taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taken {
    Person,
    Likely,
    Certain,
}

/// How many mails of a row were taken for what.
#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    person: usize,
    likely: usize,
    certain: usize,
}

impl Counts {
    fn of<'a>(judged: impl IntoIterator<Item = &'a Judged>) -> Self {
        let mut counts = Self::default();
        for one in judged {
            match one.taken {
                Taken::Person => counts.person += 1,
                Taken::Likely => counts.likely += 1,
                Taken::Certain => counts.certain += 1,
            }
        }
        counts
    }

    fn all(self) -> usize {
        self.person + self.likely + self.certain
    }
}

/// A mail and what it was taken for.
struct Judged {
    letter: Letter,
    kind: Kind,
    taken: Taken,
}

fn judged(letters: Vec<Letter>) -> Vec<Judged> {
    letters.into_iter().map(judge).collect()
}

fn judge(letter: Letter) -> Judged {
    let kind = mail::parse(letter.raw().as_bytes()).kind;
    let automatic = kind.verdicts().filter(|(word, _)| *word != "list_mail");
    let taken = match automatic.map(|(_, verdict)| verdict.certainty).max() {
        None => Taken::Person,
        Some(Certainty::Likely) => Taken::Likely,
        Some(Certainty::Certain) => Taken::Certain,
    };
    Judged { letter, kind, taken }
}

/// Prints a row for each class of mails and one for all: `cargo test -p mail --test it kinds -- --nocapture`.
fn table(title: &str, judged: &[Judged]) -> Counts {
    let mut classes: BTreeMap<&str, Vec<&Judged>> = BTreeMap::new();
    for one in judged {
        classes.entry(&one.letter.class).or_default().push(one);
    }
    println!(
        "\n| {title} | mails | a person's | likely a machine's | certainly a machine's |\n|---|---|---|---|---|"
    );
    let row = |name: &str, counts: Counts| {
        println!(
            "| {name} | {} | {} | {} | {} |",
            counts.all(),
            counts.person,
            counts.likely,
            counts.certain
        );
    };
    classes.iter().for_each(|(class, judged)| row(class, Counts::of(judged.iter().copied())));
    let all = Counts::of(judged);
    row("all", all);
    all
}

/// Those that were taken for what they are not.
fn taken_for<'a>(taken: Taken, judged: impl IntoIterator<Item = &'a Judged>) -> Vec<String> {
    let wrong = judged.into_iter().filter(|one| one.taken == taken);
    wrong.map(|one| format!("{}: {}: {:?}", one.letter.class, one.letter.subject, one.kind)).collect()
}

/// A skipped request costs a customer: not one may be lost, whatever its words, files and header fields.
#[test]
fn no_mail_of_a_person_is_lost() {
    let all = judged([people::ordinary(), people::pasted(), people::files()].concat());
    let counts = table("people's mails", &all);
    assert!(people::LANGUAGES.len() >= 20 && counts.all() >= 300, "only {} mails", counts.all());
    assert_eq!(taken_for(Taken::Certain, &all), Vec::<String>::new());
    // A superfluous mark costs a look.
    assert!(counts.person * 100 >= counts.all() * 97, "{counts:?}: {:#?}", taken_for(Taken::Likely, &all));
    let plain = all.iter().filter(|one| one.letter.class == "plain");
    assert_eq!(taken_for(Taken::Likely, plain), Vec::<String>::new());
}

/// A superfluous issue costs a click.
#[test]
fn mails_of_machines_are_mostly_certain() {
    let all = judged([machines::answers(), machines::bounces(), machines::reports()].concat());
    let counts = table("machines' mails", &all);
    assert!(counts.all() >= 300, "only {} mails", counts.all());
    assert_eq!(taken_for(Taken::Person, &all), Vec::<String>::new());
    assert!(counts.certain * 100 >= counts.all() * 92, "{counts:?}: {:#?}", taken_for(Taken::Likely, &all));
}
