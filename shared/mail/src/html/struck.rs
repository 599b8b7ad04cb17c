//! Struck-out text, as `~~text~~`: it says that something no longer holds.

use super::Rendered;

/// Stands before and behind it, as in GitHub's Markdown.
pub(super) const MARK: &str = "~~";
/// Runs that are looked for in a plain twin.
pub(super) const MAX_RUNS: usize = 50;

impl Rendered {
    /// Strikes out in the plain twin of the page what the page strikes out, as far as it is found there without doubt.
    pub(crate) fn struck_out_in(&self, plain: String) -> String {
        if self.struck.is_empty() || plain.contains(MARK) {
            return plain;
        }
        let mut out = plain;
        for run in &self.struck {
            let once = |text: &str| {
                let mut found = places(text, run);
                found.next().filter(|_| found.next().is_none())
            };
            if let (Some(_), Some(at)) = (once(&self.text), once(&out)) {
                out.insert_str(at + run.len(), MARK);
                out.insert_str(at, MARK);
            }
        }
        out
    }
}

/// Where the words of `run` stand, not as parts of others, and outside of quotes.
fn places<'t>(text: &'t str, run: &'t str) -> impl Iterator<Item = usize> + 't {
    let is_edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    let mut start = 0;
    let lines = text.split_inclusive('\n').map(move |line| {
        let at = start;
        start += line.len();
        (at, line)
    });
    lines.filter(|(_, line)| !line.starts_with('>')).flat_map(move |(start, line)| {
        let found = line.match_indices(run).map(|(at, _)| at).filter(move |at| {
            is_edge(line[..*at].chars().next_back()) && is_edge(line[at + run.len()..].chars().next())
        });
        found.map(move |at| start + at)
    })
}

#[cfg(test)]
mod tests {
    use super::super::render;

    #[test]
    fn struck_out_text_is_marked() {
        for (html, text) in [
            (
                "<ul><li><s>Login</s></li><li>Printing</li><li><strike>Fax</strike></li></ul>",
                "- ~~Login~~\n- Printing\n- ~~Fax~~",
            ),
            ("a <del>b c</del>d", "a ~~b c~~d"),
            ("a<s> b </s>c", "a ~~b~~ c"),
            ("a <s></s><s> </s><s>&nbsp;</s>b", "a  b"),
            ("<s>a<br>b</s>", "~~a~~\n~~b~~"),
            ("<s><p>a</p><p>b</p></s><p>c</p>", "~~a~~\n\n~~b~~\n\nc"),
            ("<s>a <b>b <s>c</s></b> d</s> e", "~~a b c d~~ e"),
            ("<s><ul><li>a<li>b</ul></s>", "- ~~a~~\n- ~~b~~"),
            ("<span style='text-decoration: line-through'>a</span> b", "~~a~~ b"),
            ("<span style='TEXT-DECORATION-LINE:underline line-through;color:red'>a</span>", "~~a~~"),
            ("<p style='text-decoration:line-through'>a</p>b", "~~a~~\n\nb"),
            ("<table><tr><td><s>a</s><td><s>b</s></table>", "~~a~~\t~~b~~"),
            ("<blockquote type=cite><s>a</s></blockquote>", "> ~~a~~"),
            ("<pre><s>a\n  b</s></pre>", "~~a~~\n~~  b~~"),
            ("<s><a href='https://e.org/x'>a</a></s>", "~~a (https://e.org/x)~~"),
            (
                "<style>.done, p.x{color:red;text-decoration:line-through}</style><p class='a done'>a</p>b",
                "~~a~~\n\nb",
            ),
            ("<s>a", "~~a~~"),
            // Neither of these strikes anything out.
            ("<ins>a</ins> <u>b</u> <span style='text-decoration:none'>c</span> <small>d</small>", "a b c d"),
            ("<samp>a</samp><section>b</section>", "a\nb"),
        ] {
            assert_eq!(render(html).text, text, "{html}");
        }
    }

    #[test]
    fn also_in_the_plain_twin() {
        let page = render("<s>Login</s><blockquote type=cite>Login</blockquote>");
        assert_eq!(page.struck_out_in("Login\n\n> Login".to_owned()), "~~Login~~\n\n> Login");
        let page = render(
            "<p>Open:</p><ul><li><s>Login</s><li>Log in<li><s>Fax on floor 2</s><li><s>it</s></ul><p>it is done",
        );
        for (plain, expected) in [
            (
                "Open:\n* Login\n* Log in\n* Fax on floor 2.\n* it\nit is done",
                "Open:\n* ~~Login~~\n* Log in\n* ~~Fax on floor 2~~.\n* it\nit is done",
            ),
            ("Open:\n* Log in\nit is done", "Open:\n* Log in\nit is done"),
            ("* Logins Login Login", "* Logins Login Login"),
            ("* ~~Login~~ Fax on floor 2", "* ~~Login~~ Fax on floor 2"),
        ] {
            assert_eq!(page.struck_out_in(plain.to_owned()), expected);
        }
    }
}
