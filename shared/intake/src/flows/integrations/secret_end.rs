//! Client secrets end on a day: told weeks ahead, in the status and, once for each step, in the log.

use std::time::Duration;

use jiff::{civil::Date, tz::TimeZone};

use crate::{
    App, Error, Kind, Result, Sentence, failed, lists,
    ports::{Change, Remembered, StoreError},
    types::integration::Integration,
};

/// Days before the end at which the log says so.
const STEPS: [i32; 5] = [1, 7, 14, 30, 60];
/// How long a step is remembered: longer than from the first step to long after the end.
const REMEMBERED_FOR: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// A client secret that has ended, or ends soon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecretEnd {
    /// The last day on which the provider accepts it.
    pub on: Date,
    /// Days until then; negative afterwards.
    pub days_left: i32,
    /// The number of days before the end of the step that was last reached; None after the end.
    pub step: Option<i32>,
}

impl SecretEnd {
    /// What there is to tell today (UTC); None where the end is unknown or more than 60 days ahead.
    pub fn of(app: &App, integration: &Integration) -> Option<Self> {
        let today = TimeZone::UTC.to_datetime(app.now()).date();
        Self::at(today, integration.client_secret_expires_on?)
    }

    fn at(today: Date, on: Date) -> Option<Self> {
        let days_left = today.until(on).ok()?.get_days();
        let step = STEPS.into_iter().find(|step| days_left <= *step)?;
        Some(Self { on, days_left, step: (days_left >= 0).then_some(step) })
    }

    /// When it ends and what to do, for the integration of this name.
    pub fn sentence(&self, name: impl ToString) -> Sentence {
        let sentence = Sentence::new(match self.days_left {
            ..0 => "client_secret_expired.named",
            0 => "client_secret_expires_soon.today",
            1 => "client_secret_expires_soon.tomorrow",
            _ => "client_secret_expires_soon",
        });
        sentence.with("name", name).with("days", self.days_left).with("date", self.on)
    }
}

/// Writes each step of each client secret into the log, once for all processes.
pub async fn warn_of_ends(app: &App) -> Result<()> {
    for integration in lists::all(|page| async move { app.store.integrations(&page).await }).await? {
        if let Some(end) = SecretEnd::of(app, &integration) {
            warn_once(app, &integration, end).await?;
        }
    }
    Ok(())
}

/// Remembered before it is told: of several processes one tells it.
async fn warn_once(app: &App, integration: &Integration, end: SecretEnd) -> Result<()> {
    let step = end.step.map_or("ended".to_owned(), |step| step.to_string());
    let key = format!("client-secret-end/{}/{}/{step}", integration.id, end.on);
    if app.store.remembered(&key, app.now()).await?.is_some() {
        return Ok(());
    }
    let what = Remembered { request: step, object: integration.id.to_string() };
    let remember = Change::Remember { key, what, expires_at: app.after(REMEMBERED_FOR) };
    match app.store.commit(&[remember]).await {
        Ok(()) => {}
        Err(StoreError::Rejected(_)) => return Ok(()),
        Err(StoreError::Fault(error)) => return Err(error),
    }
    let ends = Error::told(Kind::Configuration, end.sentence(integration.id));
    failed!(
        warn,
        ends,
        integration = %integration.id,
        ends_on = %end.on,
        days_left = end.days_left,
        "A client secret ends: make a new one at the provider and enter it."
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::{ToSpan, civil::date};

    use super::*;
    use crate::Language;

    #[test]
    fn each_day_belongs_to_the_step_that_was_last_reached() {
        let on = date(2027, 3, 31);
        let step = |left: i64| SecretEnd::at(on.saturating_sub(left.days()), on).map(|end| end.step);
        assert_eq!(step(61), None);
        for (days, wanted) in
            [(60, 60), (31, 60), (30, 30), (15, 30), (14, 14), (8, 14), (7, 7), (2, 7), (1, 1), (0, 1)]
        {
            assert_eq!(step(days), Some(Some(wanted)), "{days}");
        }
        assert_eq!((step(-1), step(-500)), (Some(None), Some(None)));
    }

    #[test]
    fn the_sentence_says_when_and_what_to_do() {
        let on = date(2027, 3, 31);
        let told = |today| {
            let said = SecretEnd::at(today, on).and_then(|end| end.sentence("Mail").say(Language::English));
            said.map(|said| format!("{} {}", said.message, said.action)).unwrap_or_default()
        };
        assert!(
            told(date(2027, 3, 1)).starts_with("The client secret of Mail ends in 30 days, on 2027-03-31. ")
        );
        assert!(told(date(2027, 3, 30)).contains("ends tomorrow"));
        assert!(told(on).contains("ends today"));
        assert!(told(date(2027, 4, 1)).contains("ended on 2027-03-31. Make a new one"));
    }
}
