//! Rust as its tokens: enough to see what a file names, without compiling it.

use std::str::FromStr;

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// Tokens in their order, without comments; `::` is one of them, and a literal is an empty text.
#[derive(Debug, Default, Clone)]
pub(super) struct Code(pub(super) Vec<String>);

impl Code {
    pub(super) fn of(text: &str) -> Self {
        let mut code = Self::default();
        // What a test of a lint writes may be no Rust.
        TokenStream::from_str(text).into_iter().for_each(|stream| code.take(stream));
        code
    }

    fn take(&mut self, stream: TokenStream) {
        let mut tokens = stream.into_iter();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Ident(name) => self.0.push(name.to_string()),
                TokenTree::Literal(_) => self.0.push("\"\"".to_owned()),
                TokenTree::Punct(sign) if sign.as_char() == ':' && sign.spacing() == Spacing::Joint => {
                    tokens.next();
                    self.0.push("::".to_owned());
                }
                TokenTree::Punct(sign) => self.0.push(sign.to_string()),
                TokenTree::Group(group) => {
                    let (open, close) = match group.delimiter() {
                        Delimiter::Brace => ("{", "}"),
                        Delimiter::Bracket => ("[", "]"),
                        Delimiter::Parenthesis => ("(", ")"),
                        Delimiter::None => ("", ""),
                    };
                    self.0.push(open.to_owned());
                    self.take(group.stream());
                    self.0.push(close.to_owned());
                }
            }
        }
    }

    /// Without the items that only tests and the fuzzer have.
    pub(super) fn without_tests(&self) -> Self {
        let (mut kept, mut at) = (Vec::new(), 0);
        while at < self.0.len() {
            match self.attribute_end(at) {
                Some(end) if self.is_for_tests(at, end) => at = self.item_end(end),
                _ => {
                    kept.push(self.0[at].clone());
                    at += 1;
                }
            }
        }
        Self(kept)
    }

    fn is(&self, at: usize, token: &str) -> bool {
        self.0.get(at).is_some_and(|there| there == token)
    }

    /// Where the attribute that begins here ends.
    fn attribute_end(&self, at: usize) -> Option<usize> {
        (self.is(at, "#") && self.is(at + 1, "[")).then(|| self.group_end(at + 1))
    }

    fn is_for_tests(&self, at: usize, end: usize) -> bool {
        let inside = &self.0[at + 2..end - 1];
        let named = |word: &str| inside.iter().any(|token| token == word);
        inside.first().is_some_and(|first| first == "cfg") && named("test") && !named("not")
    }

    /// Behind the bracket that belongs to this one.
    fn group_end(&self, at: usize) -> usize {
        let mut depth = 0;
        for (place, token) in self.0.iter().enumerate().skip(at) {
            match token.as_str() {
                "{" | "[" | "(" => depth += 1,
                "}" | "]" | ")" => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return place + 1;
            }
        }
        self.0.len()
    }

    /// Behind the item that begins here: its block or its semicolon.
    fn item_end(&self, mut at: usize) -> usize {
        while at < self.0.len() {
            match self.0[at].as_str() {
                ";" => return at + 1,
                "{" => {
                    let end = self.group_end(at);
                    // `use a::{b};`
                    return if self.is(end, ";") { end + 1 } else { end };
                }
                "(" | "[" => at = self.group_end(at),
                _ => at += 1,
            }
        }
        at
    }

    /// Whether these words stand in it, written as in Rust: `env::var`, `StatusCode::OK`.
    pub(super) fn has(&self, words: &str) -> bool {
        let wanted = Self::of(words).0;
        self.0.windows(wanted.len()).any(|there| there == wanted)
    }

    /// Whether it takes something from the crate of this name.
    pub(super) fn names_crate(&self, name: &str) -> bool {
        let before = |at: usize| at.checked_sub(1).and_then(|at| self.0.get(at)).map(String::as_str);
        (0..self.0.len()).any(|at| {
            let head = self.is(at, name) && !matches!(before(at), Some("::" | "."));
            head && (self.is(at + 1, "::") || before(at) == Some("use"))
        })
    }
}

#[test]
fn what_only_tests_have_is_left_out() {
    let code = Code::of(
        "//! a::b\n#[cfg(test)] use a::{b}; #[cfg(test)] #[allow(x)] mod tests { fn c() {} } #[cfg(test)] mod d;
         #[cfg(not(test))] fn e(x: [u8; 2]) { f::g(\"h::i\") } #[cfg(all(test, unix))] fn j(x: [u8; 3]) {} k::l!();",
    );
    let kept = code.without_tests();
    for (words, there) in
        [("f::g", true), ("k::l", true), ("a::b", false), ("h::i", false), ("j", false), ("d", false)]
    {
        assert_eq!(kept.has(words), there, "{words}: {kept:?}");
    }
    assert!(kept.names_crate("k") && !kept.names_crate("l") && code.names_crate("a"));
}
