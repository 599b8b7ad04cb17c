//! How fast `mail::parse` is beside the bare `mail-parser` crate, which cuts no replies, renders no HTML and guesses no
//! charsets. Both parse the same mails in the same process, by turns; of each mail the best of several passes counts.
//!
//! `cargo run --release --package=mail --example=rate [-- PASSES [text|html]]`

mod mails;

use std::{hint::black_box, time::Instant};

use mail_parser::{MessageParser, MimeHeaders};

const PASSES: usize = 15;

fn main() {
    let passes = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(PASSES);
    let wanted = std::env::args().nth(2);
    for (name, mails) in [("text", mails::texts()), ("html", mails::pages())] {
        if wanted.as_ref().is_some_and(|wanted| wanted != name) {
            continue;
        }
        let (mut ours, mut bare) = (vec![f64::MAX; mails.len()], vec![f64::MAX; mails.len()]);
        for _ in 0..passes {
            pass(&mails, parse_bare, &mut bare);
            pass(&mails, parse, &mut ours);
        }
        let (ours, bare): (f64, f64) = (ours.iter().sum(), bare.iter().sum());
        let bytes: usize = mails.iter().map(Vec::len).sum();
        let (count, megabytes) = (mails.len() as f64, bytes as f64 / 1e6);
        println!(
            "{name}: {:.0} mails/s, {:.0} MB/s; mail-parser {:.0} mails/s, {:.0} MB/s; ratio {:.3}",
            count / ours,
            megabytes / ours,
            count / bare,
            megabytes / bare,
            bare / ours,
        );
    }
}

/// Keeps the best time of each mail, seconds: what else runs on the machine disturbs one mail, not the whole.
fn pass(mails: &[Vec<u8>], parse: fn(&[u8]), best: &mut [f64]) {
    for (raw, best) in mails.iter().zip(best) {
        let begun = Instant::now();
        parse(raw);
        *best = best.min(begun.elapsed().as_secs_f64());
    }
}

fn parse(raw: &[u8]) {
    black_box(mail::parse(black_box(raw)));
}

fn parse_bare(raw: &[u8]) {
    let Some(mail) = MessageParser::default().parse(black_box(raw)) else { return };
    black_box((mail.subject(), mail.from(), mail.body_text(0), mail.body_html(0)));
    for file in mail.attachments() {
        black_box((file.attachment_name(), file.contents()));
    }
}
