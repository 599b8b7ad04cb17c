//! One step of an import: as many mails as fit into a moment. The command asks for one after the other, so that the
//! running process stays free for others and the command can be stopped at a safe point.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use intake::{
    App,
    flows::messages::{FileImport, FiledBytes, FiledMail},
    types::{audit::Actor, project::ProjectKey},
};
use serde::{Deserialize, Serialize};

use super::{
    source::{Item, Position, Source, Unit},
    told::Counts,
};
use crate::failure::{Failure, Outcome};

/// How long a step goes on, until the mails in work are written.
const TIME: Duration = Duration::from_millis(700);
/// The most mails that are read at once.
const MAILS: usize = 50;
/// The most bytes that are read at once, the last mail apart.
const BYTES: usize = 4 * 1024 * 1024;

/// What is asked of the running process.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) project: ProjectKey,
    /// Absolute.
    pub(crate) path: PathBuf,
    /// Where to go on; absent: at the beginning.
    pub(crate) position: Option<Position>,
}

/// What a step did.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Answer {
    /// Where to go on.
    pub(crate) position: Option<Position>,
    /// Of the whole, in this unit.
    pub(crate) done: u64,
    pub(crate) total: u64,
    pub(crate) unit: Unit,
    /// What became of this step's mails.
    pub(crate) counts: Counts,
    /// A sentence for each mail that is left out or cannot be read.
    pub(crate) told: Vec<String>,
    pub(crate) finished: bool,
}

/// What is kept from one step to the next: a listing, an open file, numbers for issues. All of it can be made anew.
pub(crate) struct Kept<'a> {
    project: ProjectKey,
    path: PathBuf,
    source: Source,
    import: FileImport<'a>,
}

/// Some mails, read.
#[derive(Default)]
struct Batch {
    mails: Vec<FiledMail>,
    counts: Counts,
    told: Vec<String>,
    ended: bool,
}

/// Carries a step out.
pub(crate) async fn step<'a>(app: &'a App, kept: &mut Option<Kept<'a>>, request: Request) -> Outcome<Answer> {
    let same = |kept: &Kept<'_>| {
        kept.project == request.project
            && kept.path == request.path
            && request.position.is_some()
            && kept.source.position() == request.position
    };
    let mut work = match kept.take().filter(same) {
        Some(work) => work,
        None => Kept::open(app, request).await?,
    };
    let begun = Instant::now();
    let mut counts = Counts::default();
    let mut told = Vec::new();
    loop {
        let (batch, source) = read(work.source).await?;
        work.source = source;
        let handed = batch.mails.len() as u64;
        let report = work.import.add(batch.mails, 0).await?;
        counts += batch.counts;
        counts += Counts::of(handed, report);
        told.extend(batch.told);
        if batch.ended || begun.elapsed() >= TIME {
            let (done, total, unit) = work.source.progress()?;
            let position = work.source.position();
            if batch.ended {
                counts.passed_over = work.source.passed_over();
            }
            *kept = (!batch.ended).then_some(work);
            return Ok(Answer { position, done, total, unit, counts, told, finished: batch.ended });
        }
    }
}

impl<'a> Kept<'a> {
    async fn open(app: &'a App, request: Request) -> Outcome<Self> {
        let Request { project, path, position } = request;
        let import = FileImport::into(app, &project).await.map_err(|error| no_project(error, &project))?;
        let is_begin = position.is_none();
        let source = {
            let path = path.clone();
            blocking(move || Source::open(&path, position.as_ref())).await?
        };
        if is_begin {
            import.begin(&Actor::command_line(), &path.display().to_string()).await?;
        }
        Ok(Self { project, path, source, import })
    }
}

fn no_project(error: intake::Error, project: &ProjectKey) -> Failure {
    if error.fields.iter().any(|field| field.pointer == "/project") {
        return Failure::new(format!(
            "There is no project {project}. Make it in the console, by `POST /api/v1/projects` with {{\"key\": \"{project}\", \"name\": …}}, or with `maildocket apply`."
        ));
    }
    error.into()
}

async fn read(mut source: Source) -> Outcome<(Batch, Source)> {
    blocking(move || {
        let mut batch = Batch::default();
        let mut bytes = 0;
        while batch.mails.len() + batch.told.len() < MAILS && bytes < BYTES {
            match source.next()? {
                Some(Item::Mail(mail)) => {
                    bytes += match &mail.raw {
                        FiledBytes::Whole(raw) => raw.len(),
                        // A step of its own: it takes the longest.
                        FiledBytes::Pieces(_) => BYTES,
                    };
                    batch.mails.push(mail);
                }
                Some(Item::TooLarge(why)) => {
                    batch.counts += Counts { mails: 1, too_large: 1, ..Counts::default() };
                    batch.told.push(why);
                }
                Some(Item::Unreadable(why)) => {
                    batch.counts += Counts { mails: 1, unreadable: 1, ..Counts::default() };
                    batch.told.push(why);
                }
                None => {
                    batch.ended = true;
                    break;
                }
            }
        }
        Ok((batch, source))
    })
    .await
}

/// Files are read where waiting for them holds up nothing else.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Outcome<T> + Send + 'static) -> Outcome<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Failure::because("The files cannot be read", error))?
}
