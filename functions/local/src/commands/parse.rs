//! `maildocket parse`: what is understood of raw mails.

use std::{
    fs,
    io::{self, BufRead, Read, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    commands::handlers::{HandlerList, Said},
    config::ParseOptions,
    failure::{Failure, Outcome},
};

/// Larger files are not read: a mail has at most 150 MiB.
const MAX_MAIL: u64 = 150 * 1024 * 1024;

/// A line of `--jsonl`.
#[derive(Deserialize)]
struct Line {
    id: Value,
    path: PathBuf,
}

/// What is told of a mail.
#[derive(Serialize)]
struct Told {
    #[serde(flatten)]
    report: mail::Report,
    /// Where there are handlers.
    #[serde(flatten)]
    said: Option<Said>,
}

impl Told {
    /// Without handlers a mail goes by in pieces: its files are never in memory as a whole.
    fn of(source: &mut dyn Read, list: Option<&HandlerList>) -> io::Result<Self> {
        let mut source = Bounded { source, left: MAX_MAIL };
        let Some(list) = list else { return Ok(Self { report: mail::report_from(source)?, said: None }) };
        let mut raw = Vec::new();
        source.read_to_end(&mut raw)?;
        Ok(Self { report: mail::report(&raw), said: Some(list.says(&raw)) })
    }
}

pub(crate) fn run(options: &ParseOptions) -> Outcome<ExitCode> {
    let list = options.handlers.as_deref();
    let list = list.map(|file| HandlerList::read(file, &options.trusted_authserv_id)).transpose()?;
    let out = io::stdout().lock();
    let done = if options.jsonl {
        lines(io::stdin().lock(), list.as_ref(), out)
    } else {
        files(&options.files, list.as_ref(), if options.why { Form::Words } else { Form::Json }, out)
    };
    match done {
        // One who has seen enough, as `head` does, is no failure.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::new(error.to_string())),
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// How a mail is told.
#[derive(Debug, Clone, Copy)]
enum Form {
    Json,
    /// Each decision with its evidence.
    Words,
}

fn files(files: &[PathBuf], list: Option<&HandlerList>, form: Form, mut out: impl Write) -> io::Result<()> {
    let stdin = [PathBuf::from("-")];
    for path in if files.is_empty() { &stdin } else { files } {
        let told = read(path, list).map_err(|error| {
            io::Error::new(error.kind(), format!("{} cannot be read: {error}", path.display()))
        })?;
        match form {
            Form::Json => serde_json::to_writer_pretty(&mut out, &told)?,
            Form::Words => {
                if files.len() > 1 {
                    writeln!(out, "{}:", path.display())?;
                }
                in_words(&told, &mut out)?;
            }
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Each decision on a line, with what it rests on below.
fn in_words(told: &Told, out: &mut impl Write) -> io::Result<()> {
    for reason in mail::why(&told.report) {
        writeln!(out, "{}", reason.decision)?;
        for sign in reason.evidence {
            writeln!(out, "  {sign}")?;
        }
    }
    for step in told.said.iter().flat_map(Said::trace) {
        writeln!(out, "{}: {}", step.step, step.detail)?;
    }
    Ok(())
}

fn lines(input: impl BufRead, list: Option<&HandlerList>, mut out: impl Write) -> io::Result<()> {
    for line in input.lines() {
        let line = line?;
        if !line.trim().is_empty() {
            serde_json::to_writer(&mut out, &answer(&line, list))?;
            out.write_all(b"\n")?;
            out.flush()?;
        }
    }
    Ok(())
}

fn answer(line: &str, list: Option<&HandlerList>) -> Value {
    let line: Line = match serde_json::from_str(line) {
        Ok(line) => line,
        Err(error) => {
            return json!({"id": null, "error": format!("the line is not {{\"id\", \"path\"}}: {error}")});
        }
    };
    let told = fs::File::open(&line.path).and_then(|mut file| Told::of(&mut file, list));
    let report = told.map(serde_json::to_value);
    match report {
        Ok(Ok(Value::Object(mut fields))) => {
            fields.insert("id".to_owned(), line.id);
            Value::Object(fields)
        }
        Ok(_) => json!({"id": line.id, "error": "nothing could be made of the bytes"}),
        Err(error) => json!({"id": line.id, "error": format!("the file cannot be read: {error}")}),
    }
}

fn read(path: &Path, list: Option<&HandlerList>) -> io::Result<Told> {
    if path == Path::new("-") {
        Told::of(&mut io::stdin().lock(), list)
    } else {
        Told::of(&mut fs::File::open(path)?, list)
    }
}

/// Fails where a source goes on beyond what a mail has.
struct Bounded<'a> {
    source: &'a mut dyn Read,
    left: u64,
}

impl Read for Bounded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.left =
            self.left.checked_sub(read as u64).ok_or_else(|| io::Error::other("it has more than 150 MiB"))?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_a_file_and_not_what_the_lines_come_from() {
        let answer = answer(r#"{"id": 7, "path": "-"}"#, None);
        assert_eq!(answer["id"], 7);
        assert!(answer["error"].as_str().is_some_and(|error| error.contains("cannot be read")), "{answer}");
    }

    #[test]
    fn what_is_longer_than_a_mail_is_not_read() {
        let report = |left| mail::report_from(Bounded { source: &mut &b"Subject: x\n\ny"[..], left });
        assert_eq!(report(13).expect("as long as it may be").subject, "x");
        assert!(report(12).is_err());
    }
}
