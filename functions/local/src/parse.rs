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
    config::ParseOptions,
    failure::{Failure, Outcome},
    handlers::{HandlerList, Said},
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
    fn of(raw: &[u8], list: Option<&HandlerList>) -> Self {
        Self { report: mail::report(raw), said: list.map(|list| list.says(raw)) }
    }
}

pub(crate) fn run(options: &ParseOptions) -> Outcome<ExitCode> {
    let list = options.handlers.as_deref();
    let list = list.map(|file| HandlerList::read(file, &options.trusted_authserv_id)).transpose()?;
    let out = io::stdout().lock();
    let done = if options.jsonl {
        lines(io::stdin().lock(), list.as_ref(), out)
    } else {
        files(&options.files, list.as_ref(), out)
    };
    match done {
        // One who has seen enough, as `head` does, is no failure.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::new(error.to_string())),
        _ => Ok(ExitCode::SUCCESS),
    }
}

fn files(files: &[PathBuf], list: Option<&HandlerList>, mut out: impl Write) -> io::Result<()> {
    let stdin = [PathBuf::from("-")];
    for path in if files.is_empty() { &stdin } else { files } {
        let raw = read(path).map_err(|error| {
            io::Error::new(error.kind(), format!("{} cannot be read: {error}", path.display()))
        })?;
        serde_json::to_writer_pretty(&mut out, &Told::of(&raw, list))?;
        writeln!(out)?;
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
    let report = read(&line.path).map(|raw| serde_json::to_value(Told::of(&raw, list)));
    match report {
        Ok(Ok(Value::Object(mut fields))) => {
            fields.insert("id".to_owned(), line.id);
            Value::Object(fields)
        }
        Ok(_) => json!({"id": line.id, "error": "nothing could be made of the bytes"}),
        Err(error) => json!({"id": line.id, "error": format!("the file cannot be read: {error}")}),
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut raw = Vec::new();
    let source: &mut dyn Read =
        if path == Path::new("-") { &mut io::stdin().lock() } else { &mut fs::File::open(path)? };
    source.take(MAX_MAIL + 1).read_to_end(&mut raw)?;
    if raw.len() as u64 > MAX_MAIL {
        return Err(io::Error::other("it has more than 150 MiB"));
    }
    Ok(raw)
}
