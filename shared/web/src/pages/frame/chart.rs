//! Charts, drawn here: bars that a style sheet colours, and the same numbers as a table for whoever would rather read.

use maud::{Markup, html};

use super::{
    parts::table,
    words::{number, word},
};

/// One bar: a part of it is drawn stronger.
pub(crate) struct Bar {
    /// Below it, and in the table.
    pub(crate) name: String,
    /// Below it, where there is room for some names only.
    pub(crate) short: String,
    /// All of it.
    pub(crate) all: u64,
    /// The part of it.
    pub(crate) part: u64,
}

/// Of the drawing, in its own units.
const HEIGHT: u64 = 120;
const WIDTH: u64 = 480;
/// Below the bars, for names.
const FOOT: u64 = 22;
/// So many names are written below the bars.
const NAMES: usize = 6;

/// Bars beside each other. `title` names the chart; `all` and `part` what is counted.
pub(crate) fn bars(title: &str, all: &str, part: &str, bars: &[Bar]) -> Markup {
    let most = bars.iter().map(|bar| bar.all).max().unwrap_or(0).max(1);
    let sum: u64 = bars.iter().map(|bar| bar.all).sum();
    let of = |n: u64| (n * HEIGHT).div_ceil(most).min(HEIGHT);
    let step = WIDTH / u64::try_from(bars.len()).unwrap_or(1).max(1);
    let bar_width = (step * 7 / 10).max(1);
    let every = bars.len().div_ceil(NAMES).max(1);
    let places = || bars.iter().zip(0_u64..).map(|(bar, n)| (bar, n * step));
    html! {
        figure.chart {
            figcaption { strong { (title) } " " span.faint { (all) ": " (number(sum)) } }
            svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT + FOOT) } role="img" aria-label={ (title) ": " (all) " " (number(sum)) } {
                @for (bar, x) in places() {
                    g {
                        title { (bar.name) ": " (all) " " (number(bar.all)) ", " (part) " " (number(bar.part)) }
                        rect.ground x=(x) y="0" width=(step) height=(HEIGHT) {}
                        rect.all x=(x + (step - bar_width) / 2) y=(HEIGHT - of(bar.all)) width=(bar_width) height=(of(bar.all)) rx="2" {}
                        rect.part x=(x + (step - bar_width) / 2) y=(HEIGHT - of(bar.part)) width=(bar_width) height=(of(bar.part)) rx="2" {}
                    }
                }
                line.axis x1="0" y1=(HEIGHT) x2=(WIDTH) y2=(HEIGHT) {}
                @for (bar, x) in places().step_by(every) {
                    text x=(x + step / 2) y=(HEIGHT + 15) text-anchor="middle" { (bar.short) }
                }
            }
            p.legend {
                span.key.all {} " " (all) " " span.key.part {} " " (part)
            }
            details {
                summary { (word("page.chart.table")) }
                (table(title, &[word("page.chart.time"), all.to_owned(), part.to_owned()], rows(bars)))
            }
        }
    }
}

fn rows(bars: &[Bar]) -> Vec<Vec<Markup>> {
    let row =
        |bar: &Bar| vec![html! { (bar.name) }, html! { (number(bar.all)) }, html! { (number(bar.part)) }];
    bars.iter().rev().filter(|bar| bar.all > 0).map(row).collect()
}
