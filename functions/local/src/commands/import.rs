//! `maildocket import`: mails from files, through the running process where there is one.

use std::{
    fs,
    io::IsTerminal,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressStyle};
use tokio_util::sync::CancellationToken;

use crate::{
    config::{ImportOptions, Settings},
    control::{self, client},
    failure::{Failure, Outcome},
    process::{offline::Offline, out, runtime},
    work::import::{Answer, Counts, Request, Unit, step},
};

/// How a command ends that was asked to: as the shell says for Ctrl-C.
const INTERRUPTED: u8 = 130;
/// Sentences about single mails that are shown; more are counted.
const MAX_TOLD: u64 = 50;
/// Behind whatever ends an import early.
const GO_ON: &str = "What is imported stays; the same command goes on and doubles nothing.";

/// `maildocket import`.
pub(crate) async fn run(settings: Settings, options: ImportOptions) -> Outcome<ExitCode> {
    let path = absolute(&options.path)?;
    let stop = runtime::stop_signal();
    let mut import =
        Import::new(Request { project: options.project, path, position: None }, settings.talk.quiet);
    let done = import.work(&settings, &stop).await;
    import.bar.finish_and_clear();
    let may_have_done = import.seen.is_some() || import.unanswered;
    let told = |failure| if may_have_done { Failure::new(format!("{failure}\n{GO_ON}")) } else { failure };
    done.map_err(told)?;
    Ok(import.conclude())
}

/// The way to a file or folder that other processes understand, too.
fn absolute(path: &Path) -> Outcome<PathBuf> {
    if path == Path::new("-") {
        return Err(Failure::new(
            "Standard input cannot be imported: an import can go on only where it can read again. Give a file or a folder.",
        ));
    }
    let path = std::path::absolute(path)
        .map_err(|error| Failure::because(format!("{} is no path", path.display()), error))?;
    if path.to_str().is_none() {
        return Err(Failure::new(format!(
            "The name {} is not Unicode. Rename the folder; the names of files in it may be as they are.",
            path.display()
        )));
    }
    // Before a data folder is made for nothing. Whatever else is wrong is told by the process that reads it.
    if matches!(fs::metadata(&path), Err(error) if error.kind() == std::io::ErrorKind::NotFound) {
        return Err(Failure::new(format!("There is no file or folder {}.", path.display())));
    }
    Ok(path)
}

/// What the command knows.
struct Import {
    request: Request,
    counts: Counts,
    /// Sentences about single mails so far.
    told: u64,
    /// The newest of what is done, of how much, in what.
    seen: Option<(u64, u64, Unit)>,
    finished: bool,
    /// The running process was asked, and what came of it is not known.
    unanswered: bool,
    /// No progress is shown.
    quiet: bool,
    bar: ProgressBar,
    begun: Instant,
}

impl Import {
    fn new(request: Request, quiet: bool) -> Self {
        Self {
            request,
            counts: Counts::default(),
            told: 0,
            seen: None,
            finished: false,
            unanswered: false,
            quiet,
            bar: ProgressBar::hidden(),
            begun: Instant::now(),
        }
    }

    /// Step by step, until all is done or somebody asks to stop.
    async fn work(&mut self, settings: &Settings, stop: &CancellationToken) -> Outcome {
        let data_dir = settings.data_dir()?;
        while !self.finished && !stop.is_cancelled() {
            let request = control::Request::Import(self.request.clone());
            let Some(answer) = client::exchange(&data_dir, &request).await else {
                // In the middle, it may be about to start again: its data are not taken away from it.
                return match self.seen {
                    None => self.work_offline(settings, stop).await,
                    Some(_) => Err(Failure::new("The running maildocket has ended.")),
                };
            };
            self.unanswered = answer.is_err();
            let answer = serde_json::from_str(&answer?.map_err(Failure::new)?)
                .map_err(|error| Failure::because("The running maildocket answered something else", error))?;
            self.take(answer)?;
        }
        Ok(())
    }

    async fn work_offline(&mut self, settings: &Settings, stop: &CancellationToken) -> Outcome {
        let offline = Offline::open(settings).await?;
        let mut kept = None;
        while !self.finished && !stop.is_cancelled() {
            let answer = step(&offline.app, &mut kept, self.request.clone()).await?;
            self.take(answer)?;
        }
        Ok(())
    }

    fn take(&mut self, answer: Answer) -> Outcome {
        let Answer { position, done, total, unit, counts, told, finished } = answer;
        if self.seen.is_none() && !self.quiet && std::io::stderr().is_terminal() {
            self.bar = bar(unit)?;
        }
        self.bar.set_length(total);
        self.bar.set_position(done);
        self.seen = Some((done, total, unit));
        self.counts += counts;
        for sentence in told {
            self.told += 1;
            if self.told <= MAX_TOLD {
                self.bar.suspend(|| out::tell(sentence));
            }
        }
        self.request.position = position;
        self.finished = finished;
        Ok(())
    }

    fn conclude(self) -> ExitCode {
        if self.told > MAX_TOLD {
            out::tell(format_args!("… and {} more.", HumanCount(self.told - MAX_TOLD)));
        }
        let (done, total, unit) = self.seen.unwrap_or((0, 0, Unit::Files));
        let amount = |n| match unit {
            Unit::Bytes => HumanBytes(n).to_string(),
            Unit::Files => HumanCount(n).to_string(),
        };
        let of = match unit {
            Unit::Bytes => amount(total),
            Unit::Files => format!("{} files", amount(total)),
        };
        let seconds = self.begun.elapsed().as_secs_f32();
        out::tell(format_args!("Read {} of {of} in {seconds:.1} s.", amount(done)));
        out::say(self.counts.sentence());
        if let Some(left_alone) = self.counts.left_alone() {
            out::say(left_alone);
        }
        if let Some(more) = self.counts.more(&self.request.project) {
            out::say(more);
        }
        if !self.finished {
            out::say(format_args!("Stopped before the end. {GO_ON}"));
            return ExitCode::from(INTERRUPTED);
        }
        if self.counts.has_failures() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}

fn bar(unit: Unit) -> Outcome<ProgressBar> {
    let template = match unit {
        Unit::Bytes => "{wide_bar} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left",
        Unit::Files => "{wide_bar} {human_pos} of {human_len} files, {per_sec}, {eta} left",
    };
    let style = ProgressStyle::with_template(template)
        .map_err(|error| Failure::because("The progress cannot be shown", error))?;
    Ok(ProgressBar::new(0).with_style(style))
}
