//! Which leaves are the text of a mail.

use crate::splitter::Part;

/// One piece of the text, in one or both forms.
#[derive(Debug, Default)]
pub(super) struct Piece {
    pub(super) plain: Vec<usize>,
    pub(super) html: Vec<usize>,
}

/// The text in its order.
pub(super) fn pieces(parts: &[Part]) -> Vec<Piece> {
    let tree = Tree::new(parts);
    let mut pieces = Vec::new();
    tree.walk(0, &mut pieces);
    // A text that says nothing gives way to an invitation, not to a file.
    let may_stay = |piece: &Piece| piece.plain.iter().all(|n| parts[*n].content.media() == "text/calendar");
    if pieces.iter().all(|piece| tree.is_blank(piece)) {
        let empty = pieces.is_empty();
        pieces.extend(tree.other().filter(|piece| empty || may_stay(piece) && piece.html.is_empty()));
    }
    pieces
}

/// The parts with their children. Depth is bounded by the scanner.
struct Tree<'a> {
    parts: &'a [Part],
    children: Vec<Vec<usize>>,
}

impl<'a> Tree<'a> {
    fn new(parts: &'a [Part]) -> Self {
        let mut children = vec![Vec::new(); parts.len()];
        for (n, part) in parts.iter().enumerate() {
            if let Some(parent) = part.parent {
                children[parent].push(n);
            }
        }
        Self { parts, children }
    }

    fn walk(&self, n: usize, out: &mut Vec<Piece>) {
        let Some(part) = self.parts.get(n) else { return };
        let children = &self.children[n];
        if !part.multipart {
            if self.is_text(n) {
                out.push(self.piece(n));
            } else {
                // What was found in a container.
                children.iter().for_each(|child| self.walk(*child, out));
            }
            return;
        }
        match part.content.media() {
            "multipart/alternative" => out.extend(self.alternative(n)),
            "multipart/related" => {
                if let Some(root) = self.root(n) {
                    self.walk(root, out);
                }
            }
            // What a person reads comes first; the others are for machines.
            "multipart/report" | "multipart/signed" if self.is_readable(children.first()) => {
                children.iter().take(1).for_each(|child| self.walk(*child, out));
            }
            _ => children.iter().for_each(|child| self.walk(*child, out)),
        }
    }

    /// A text with a name is a file, but not where the text of the mail has its place.
    fn is_text(&self, n: usize) -> bool {
        let part = &self.parts[n];
        let in_place = || {
            let parent = part.parent.map(|parent| self.parts[parent].content.media());
            self.parts[..n].iter().all(|part| part.multipart) || parent == Some("multipart/alternative")
        };
        part.content.is_shown_text() && (!part.content.is_named() || in_place())
    }

    fn is_readable(&self, n: Option<&usize>) -> bool {
        let mut pieces = Vec::new();
        n.into_iter().for_each(|n| self.walk(*n, &mut pieces));
        !pieces.is_empty()
    }

    fn piece(&self, n: usize) -> Piece {
        match self.parts[n].content.media() {
            "text/html" => Piece { html: vec![n], ..Piece::default() },
            _ => Piece { plain: vec![n], ..Piece::default() },
        }
    }

    /// The first plain text and the last HTML: later alternatives are richer.
    fn alternative(&self, n: usize) -> Option<Piece> {
        let mut chosen = Piece::default();
        for child in &self.children[n] {
            let mut pieces = Vec::new();
            self.walk(*child, &mut pieces);
            let plain: Vec<usize> = pieces.iter().flat_map(|piece| piece.plain.iter().copied()).collect();
            let html: Vec<usize> = pieces.iter().flat_map(|piece| piece.html.iter().copied()).collect();
            if !html.is_empty() {
                chosen.html = html;
            }
            if chosen.plain.is_empty() {
                chosen.plain = plain;
            }
        }
        (!chosen.plain.is_empty() || !chosen.html.is_empty()).then_some(chosen)
    }

    /// The page of a multipart/related (RFC 2387): named by `start`, else the first text in it.
    fn root(&self, n: usize) -> Option<usize> {
        let children = &self.children[n];
        let start = self.parts[n].content.param("start");
        let start = start.as_deref().map(|start| start.trim_matches(['<', '>', ' ']));
        let by_id =
            children.iter().find(|child| start.is_some() && self.parts[**child].content.id() == start);
        let is_text = |child: &usize| {
            let part = &self.parts[*child];
            part.multipart || part.content.is_shown_text()
        };
        by_id.or_else(|| children.iter().find(|child| is_text(child))).copied()
    }

    fn is_blank(&self, piece: &Piece) -> bool {
        let mut leaves = piece.plain.iter().chain(&piece.html);
        leaves.all(|n| self.parts[*n].leaf.bytes.trim_ascii().is_empty())
    }

    /// What can be read, when there is no ordinary text: one with a file name, an invitation, or text of another kind.
    fn other(&self) -> Option<Piece> {
        let readable = |media: &str| match media {
            "text/plain" | "text/html" => 0,
            "text/calendar" => 1,
            "text/enriched" | "text/richtext" | "text/markdown" => 2,
            _ => 3,
        };
        let leaves = self.parts.iter().enumerate().filter(|(_, part)| !part.multipart);
        let full = leaves.filter(|(_, part)| !part.leaf.bytes.trim_ascii().is_empty());
        let shown = full.filter(|(_, part)| part.content.disposition() != "attachment");
        let best = shown.min_by_key(|(_, part)| readable(part.content.media()))?;
        (readable(best.1.content.media()) < 3).then(|| self.piece(best.0))
    }
}
