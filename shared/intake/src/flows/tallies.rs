//! How many mails came in the last days, and what became of them: what the overview draws.

use futures::{StreamExt, TryStreamExt, stream};
use jiff::{ToSpan, tz::Offset};

use crate::{
    App, Date, Result, Timestamp,
    types::tally::{Counts, DELAYS, Day},
};

/// Days that are read side by side.
const AT_ONCE: usize = 8;

/// The last days, and what is in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tallies {
    /// Day by day (UTC), the oldest first: all that were asked for.
    pub days: Vec<(Date, Counts)>,
    /// The last 24 hours, the oldest first: when each begins.
    pub hours: Vec<(Timestamp, Counts)>,
    /// The delays of the last seven days.
    pub delays: [u64; DELAYS.len() + 1],
}

/// The last `count` days of all mailboxes, today included.
pub async fn of_days(app: &App, count: u8) -> Result<Tallies> {
    let now = app.now();
    let today = Offset::UTC.to_datetime(now).date();
    let days: Vec<Date> =
        (0..i64::from(count)).rev().filter_map(|n| today.checked_sub(n.days()).ok()).collect();
    let read = stream::iter(days.iter().copied()).map(|day| app.store.tallies(day)).buffered(AT_ONCE);
    let read: Vec<Vec<Day>> = read.try_collect().await?;
    let sum = |tallies: &Vec<Day>| tallies.iter().map(Day::counts).fold(Counts::default(), Counts::and);
    let mut delays = [0; DELAYS.len() + 1];
    for tally in read.iter().rev().take(7).flatten() {
        delays.iter_mut().zip(tally.delays).for_each(|(sum, n)| *sum += n);
    }
    Ok(Tallies {
        hours: hours(now, &days, &read),
        days: days.iter().copied().zip(read.iter().map(sum)).collect(),
        delays,
    })
}

/// The last 24 hours, the present one included.
fn hours(now: Timestamp, days: &[Date], read: &[Vec<Day>]) -> Vec<(Timestamp, Counts)> {
    let present = now.as_second() - now.as_second().rem_euclid(3_600);
    let begins = (0..24).rev().filter_map(|n| Timestamp::from_second(present - n * 3_600).ok());
    let of = |at: Timestamp| {
        let time = Offset::UTC.to_datetime(at);
        let hour = usize::try_from(time.hour()).unwrap_or(0);
        let tallies = days.iter().position(|day| *day == time.date()).and_then(|n| read.get(n));
        let counts = tallies.into_iter().flatten().filter_map(|tally| tally.hours.get(hour).copied());
        counts.fold(Counts::default(), Counts::and)
    };
    begins.map(|at| (at, of(at))).collect()
}
