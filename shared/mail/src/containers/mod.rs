//! Files that hold what a person expects to see in the mail itself: `winmail.dat`, signed S/MIME, uuencode and yEnc in text.
//!
//! What they hold becomes parts below the part that holds them, so that everything after sees one tree.

mod cms;
mod tnef;
mod uu;
mod yenc;

use crate::{
    Defect,
    defect::Defects,
    part::{Container, MAX_CONTAINERS, Part},
    splitter::{Limits, Reduced, Splitter},
};

/// Containers within containers.
const MAX_DEPTH: usize = 3;

/// Opens what can be opened.
pub(crate) fn open(reduced: Reduced) -> Reduced {
    open_within(reduced, 0)
}

fn open_within(reduced: Reduced, depth: usize) -> Reduced {
    let Reduced { parts, mut defects } = reduced;
    let has_text = parts.iter().any(|part| {
        part.content.is_shown_text() && !part.content.is_named() && !part.leaf.bytes.trim_ascii().is_empty()
    });
    let mut budget = MAX_CONTAINERS;
    let mut out: Vec<Part> = Vec::with_capacity(parts.len());
    let mut places = Vec::with_capacity(parts.len());
    for mut part in parts {
        part.parent = part.parent.and_then(|parent| places.get(parent).copied());
        let inside = if depth < MAX_DEPTH {
            inside(&mut part, has_text, &mut budget, depth, &mut defects)
        } else {
            Vec::new()
        };
        let here = out.len();
        places.push(here);
        out.push(part);
        out.extend(inside.into_iter().map(|part| {
            let parent = part.parent.map_or(here, |parent| here + 1 + parent);
            Part { parent: Some(parent), ..part }
        }));
    }
    Reduced { parts: out, defects }
}

/// The parts in a leaf; parents count from the first of them, none is the leaf.
fn inside(
    part: &mut Part,
    has_text: bool,
    budget: &mut usize,
    depth: usize,
    defects: &mut Defects,
) -> Vec<Part> {
    if part.multipart {
        return Vec::new();
    }
    if part.content.is_shown_text() {
        return uu::open(part, defects);
    }
    let Some(kind) = part.container else { return Vec::new() };
    let size = usize::try_from(part.leaf.size).unwrap_or(usize::MAX);
    if part.leaf.extracted.is_some() || size > *budget {
        defects.note(Defect::UnopenedContainer);
        return Vec::new();
    }
    *budget -= size;
    match kind {
        Container::Tnef => {
            defects.note(Defect::Tnef);
            tnef::open(&part.leaf.bytes, has_text, defects)
        }
        Container::Cms => signed(&part.leaf.bytes, depth, defects),
    }
}

/// What was signed is a mail without the header of one.
fn signed(bytes: &[u8], depth: usize, defects: &mut Defects) -> Vec<Part> {
    match cms::content(bytes) {
        cms::Found::Signed(content) => {
            defects.note(Defect::OpaqueSignature);
            let mut splitter = Splitter::new(Limits::keep_all());
            splitter.push(&content, &mut |_| ());
            let inner = open_within(splitter.finish(&mut |_| ()), depth + 1);
            defects.join(&inner.defects);
            inner.parts
        }
        cms::Found::Encrypted => {
            defects.note(Defect::Encrypted);
            Vec::new()
        }
        cms::Found::Nothing => {
            defects.note(Defect::UnopenedContainer);
            Vec::new()
        }
    }
}
