//! HTML to text, from tokens: no tree, so neither depth nor broken nesting matters.

use super::{
    link,
    marks::{self, Flow, Mark, Said},
    page::Page,
    rendered::Rendered,
    sheet::Sheet,
    token::{Name, Tag, Token, decoded, tokens},
};

/// Deeper lists look the same.
const MAX_LISTS: usize = 10;
/// Regions open at once; deeper ones say nothing more.
const MAX_REGIONS: usize = 24;

/// Renders HTML as text.
pub(crate) fn render(html: &str) -> Rendered {
    let mut renderer = Renderer::default();
    for token in tokens(html) {
        match token {
            Token::Start(tag) => renderer.start(&tag),
            Token::End(name) => renderer.end(&name),
            Token::Text(text) if !renderer.unseen() => renderer.characters(&decoded(text, false)),
            Token::Raw(name, sheet) if name.as_str() == "style" => {
                renderer.sheet.read(sheet);
            }
            Token::Text(_) | Token::Raw(..) => {}
        }
    }
    renderer.page.finish()
}

/// What holds for the text to come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct State {
    hidden: bool,
    tiny: bool,
    pre: bool,
    struck: bool,
    mark: Mark,
}

/// An element that changed the state: it ends when as many of its name ended as began.
#[derive(Debug)]
struct Region {
    name: Name,
    depth: u32,
    before: State,
    /// A quote ended in it: what follows was written below that quote.
    quoted: bool,
    /// The element is a box of its own.
    edges: bool,
}

/// The present row of a table.
#[derive(Debug, Clone, Copy, Default)]
struct Row {
    /// The line on which it began.
    line: usize,
    /// It has a cell.
    cell: bool,
    /// Its table has one.
    begun: bool,
}

#[derive(Debug, Default)]
struct Renderer {
    page: Page,
    state: State,
    regions: Vec<Region>,
    to_end: bool,
    lists: Vec<Option<i64>>,
    /// The open ones: whether their lines are marked, and whether they have no space around them.
    blockquotes: Vec<(bool, bool)>,
    row: Row,
    /// Rows of the tables around the present one.
    rows: Vec<Row>,
    link: Option<link::Link>,
    /// Text of Word's bullet, and how many elements of its name are open.
    bullet: Option<(String, u32)>,
    level: usize,
    /// The last paragraph has no space around it.
    flat: bool,
    sheet: Sheet,
    /// The next box is a signature.
    signs: bool,
}

impl Renderer {
    fn start(&mut self, tag: &Tag) {
        let name = tag.name.as_str();
        let flow = marks::flow(name);
        for region in &mut self.regions {
            region.depth += u32::from(region.name == tag.name);
        }
        if flow != Flow::Inline && self.regions.last().is_some_and(|region| region.name.as_str() == "p") {
            // The end tag of a paragraph may be left out.
            let last = self.regions.len() - 1;
            self.leave(last);
        }
        let plain = tag.is_bare() && !marks::speaks(name);
        let said = if plain { Said::default() } else { self.said(tag) };
        let flat = said.style.flat.unwrap_or(said.flat || name == "p" && self.sheet.flat);
        let said = Said { flat, mark: self.signed(name, said.mark, flow), ..said };
        self.signs |= name == "br" && !plain && marks::begins_signature(tag);
        self.enter(tag, said, flow);
        if !self.state.hidden {
            self.open(tag, said, flow);
        }
    }

    /// The mark of an element, or of the signature that was to come.
    fn signed(&mut self, name: &str, mark: Mark, flow: Flow) -> Mark {
        let begins = self.signs && flow != Flow::Inline;
        self.signs &= !begins;
        if begins && mark == Mark::None && name != "blockquote" { Mark::Signature } else { mark }
    }

    fn said(&self, tag: &Tag) -> Said {
        let mut said = marks::said(tag);
        if self.sheet.hides_any() && said.style.shown.is_none() {
            said.hidden |= self.sheet.hides(&tag.attribute("class").unwrap_or_default());
        }
        if self.sheet.strikes_any() {
            said.style.struck |= self.sheet.strikes(&tag.attribute("class").unwrap_or_default());
        }
        said
    }

    /// Begins a region, if the element changes the state.
    fn enter(&mut self, tag: &Tag, said: Said, flow: Flow) {
        if said.mark == Mark::QuoteToEnd {
            self.page.end_line();
            self.to_end = true;
            self.page.mark = Mark::QuoteToEnd;
            return;
        }
        let before = self.state;
        let pre = said.style.pre.unwrap_or(before.pre || tag.name.as_str() == "pre");
        let mark = match (before.mark, said.mark) {
            (Mark::Quote, _) | (_, Mark::None) => before.mark,
            (Mark::Intro, Mark::Block) => Mark::Quote,
            (_, mark) => mark,
        };
        let tiny = said.style.tiny.unwrap_or(before.tiny);
        let (hidden, struck) = (before.hidden || said.hidden, before.struck || said.style.struck);
        let now = State { hidden, tiny, pre, struck, mark };
        let same = State { mark: before.mark, ..now } == before;
        if same && said.mark == Mark::None
            || self.regions.len() >= MAX_REGIONS
            || before.hidden
            || marks::UNMARKABLE.contains(&tag.name.as_str())
        {
            return;
        }
        let edges = said.mark != Mark::None || flow != Flow::Inline;
        match said.mark {
            Mark::None => {}
            Mark::Rule => self.page.edge(true),
            _ => self.page.end_line(),
        }
        self.regions.push(Region { name: tag.name, depth: 1, before, quoted: false, edges });
        self.set(now);
    }

    fn set(&mut self, state: State) {
        self.state = state;
        self.page.struck = state.struck;
        self.page.mark = if self.to_end { Mark::QuoteToEnd } else { state.mark };
    }

    /// Ends a region and those within it.
    fn leave(&mut self, at: usize) {
        let Some(region) = self.regions.drain(at..).next() else { return };
        let quoted = region.quoted || is_quote(self.state.mark) && !is_quote(region.before.mark);
        if let Some(outer) = self.regions.last_mut() {
            outer.quoted |= quoted;
        }
        if region.edges && !self.state.hidden {
            self.page.end_line();
        }
        let mut state = region.before;
        if quoted && state.mark == Mark::Intro {
            state.mark = Mark::None;
        }
        self.set(state);
    }

    fn open(&mut self, tag: &Tag, said: Said, flow: Flow) {
        let name = tag.name.as_str();
        match flow {
            Flow::Inline => {}
            // A list within a list needs no empty line.
            Flow::Paragraph => {
                let margin = !(said.flat || matches!(name, "ul" | "ol") && !self.lists.is_empty());
                self.page.edge(margin);
            }
            Flow::Line => self.page.edge(false),
        }
        self.level = if said.style.level > 0 { said.style.level.min(MAX_LISTS) } else { self.level };
        match name {
            "br" => self.page.line_break(),
            "p" => self.flat = said.flat,
            "blockquote" => {
                self.page.quotes += usize::from(!said.indented);
                self.blockquotes.push((!said.indented, said.flat));
            }
            "ul" => self.list(None),
            "ol" => {
                let start = tag.attribute("start").and_then(|start| start.trim().parse::<i64>().ok());
                self.list(Some(start.unwrap_or(1).saturating_sub(1)));
            }
            "li" => self.item(tag),
            "table" => self.rows.push(std::mem::take(&mut self.row)),
            "tr" => {
                // The first row of a table within a cell goes on in the line of that cell.
                if self.row.begun {
                    self.page.end_line();
                }
                self.row = Row { line: self.page.next_line(), cell: false, begun: true };
            }
            "td" | "th" => {
                if std::mem::replace(&mut self.row.cell, true) {
                    self.page.cell(self.page.line() <= self.row.line);
                } else {
                    self.page.edge(false);
                }
            }
            "a" => self.link = link::Link::begin(tag),
            "img" => self.picture(tag),
            "q" => self.characters("\""),
            "span" if said.style.bullet => self.bullet = Some((String::new(), 0)),
            _ => {}
        }
        if name == "span"
            && let Some((_, depth)) = &mut self.bullet
        {
            *depth += 1;
        }
    }

    fn list(&mut self, number: Option<i64>) {
        if self.lists.len() < MAX_LISTS {
            self.lists.push(number);
        }
    }

    fn end(&mut self, name: &Name) {
        if !self.state.hidden {
            self.close(name.as_str());
        }
        let mut ended = None;
        for (at, region) in self.regions.iter_mut().enumerate().rev() {
            region.depth -= u32::from(region.name == *name);
            if region.depth == 0 {
                ended = Some(at);
            }
        }
        if let Some(at) = ended {
            self.leave(at);
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "a" => self.end_link(),
            "blockquote" => {
                let (marked, flat) = self.blockquotes.pop().unwrap_or_default();
                self.page.quotes -= usize::from(marked);
                self.flat = flat;
            }
            "ul" | "ol" => {
                self.lists.pop();
            }
            "table" => {
                self.row = self.rows.pop().unwrap_or_default();
                self.page.end_line();
            }
            "tr" | "li" => self.page.end_line(),
            "td" | "th" => self.page.flowing(" "),
            "q" => self.characters("\""),
            "span" => self.end_bullet(),
            _ => {}
        }
        let nested = matches!(name, "ul" | "ol") && !self.lists.is_empty();
        match marks::flow(name) {
            Flow::Inline => {}
            Flow::Paragraph => self.page.edge(!(nested || matches!(name, "p" | "blockquote") && self.flat)),
            Flow::Line => self.page.edge(false),
        }
    }

    fn item(&mut self, tag: &Tag) {
        self.page.end_line();
        let depth = self.lists.len().max(1);
        let value = tag.attribute("value").and_then(|value| value.trim().parse::<i64>().ok());
        let bullet = match self.lists.last_mut() {
            Some(Some(number)) => {
                *number = value.unwrap_or(number.saturating_add(1));
                format!("{}{number}. ", "  ".repeat(depth - 1))
            }
            _ => format!("{}- ", "  ".repeat(depth - 1)),
        };
        self.page.bullet(&bullet);
        self.page.hold();
    }

    /// Word's lists are paragraphs with a span that holds a bullet or a number.
    fn end_bullet(&mut self) {
        let Some((_, depth)) = &mut self.bullet else { return };
        *depth -= 1;
        if *depth > 0 {
            return;
        }
        let text = self.bullet.take().map(|(text, _)| text).unwrap_or_default();
        let text = text.trim_matches(|c: char| c.is_whitespace());
        let is_number = text.contains(|c: char| c.is_ascii_digit() || c == '.' || c == ')');
        let indent = "  ".repeat(self.level.saturating_sub(1));
        self.level = 0;
        self.page.bullet(&format!("{indent}{} ", if is_number { text } else { "-" }));
    }

    fn picture(&mut self, tag: &Tag) {
        let alt = tag.attribute("alt").unwrap_or_default();
        let alt = alt.trim();
        let is_name = alt
            .rsplit_once('.')
            .is_some_and(|(_, ending)| (2..=4).contains(&ending.len()) && !alt.contains(' '));
        let dot = |side: &str| {
            tag.attribute(side).is_some_and(|n| matches!(n.trim_end_matches("px"), "0" | "1" | "2"))
        };
        if alt.is_empty() || is_name || dot("width") && dot("height") {
            return;
        }
        // A smiley, drawn.
        let is_sign =
            alt.chars().count() <= 8 && !alt.contains(|c: char| c.is_ascii() || c.is_alphanumeric());
        if is_sign {
            self.characters(alt);
        } else {
            self.characters(&format!("[{alt}]"));
        }
    }

    fn end_link(&mut self) {
        if let Some(target) = self.link.take().and_then(link::Link::target) {
            self.page.flowing(&format!(" ({target})"));
        }
    }

    fn unseen(&self) -> bool {
        self.state.hidden || self.state.tiny
    }

    fn characters(&mut self, text: &str) {
        if let Some((bullet, _)) = &mut self.bullet {
            if bullet.len() < 32 {
                bullet.push_str(text);
            }
            return;
        }
        if let Some(link) = &mut self.link {
            link.label(text);
        }
        if self.state.pre {
            self.page.preformatted(text);
        } else {
            self.page.flowing(text);
        }
    }
}

fn is_quote(mark: Mark) -> bool {
    matches!(mark, Mark::Quote | Mark::Block)
}
