//! `maildocket rules test`: what handlers would make of the mails of a folder, beside what the rules of now make of them.

mod compare;
mod sides;

use std::process::ExitCode;

use crate::{
    config::{RulesCommand, RulesTestOptions, Settings},
    failure::{Failure, Outcome},
    process::out,
};
use compare::Compared;
use sides::Sides;

/// How a test ends that found changes, and one that could not look at everything.
const CHANGES: u8 = 1;
const TROUBLE: u8 = 2;

/// `maildocket rules`. An author's CI reads the exit code: a failure is none of the answers.
pub(crate) async fn run(settings: Settings, RulesCommand::Test(options): RulesCommand) -> Outcome<ExitCode> {
    let failed = |failure: Failure| {
        out::fail(&failure);
        ExitCode::from(TROUBLE)
    };
    Ok(test(&settings, &options).await.unwrap_or_else(failed))
}

async fn test(settings: &Settings, options: &RulesTestOptions) -> Outcome<ExitCode> {
    let Sides { now, then, against } = sides::read(settings, options).await?;
    let compared = Compared::of(&options.path, (now, then), options.all).await?;
    if options.json {
        out::print(compared.json()?)?;
    } else {
        out::whole(format_args!("{}", compared.text(&against)))?;
    }
    for why in &compared.unread {
        out::tell(why);
    }
    Ok(match (compared.unread.is_empty(), compared.different.is_empty()) {
        (false, _) => ExitCode::from(TROUBLE),
        (true, false) => ExitCode::from(CHANGES),
        (true, true) => ExitCode::SUCCESS,
    })
}
