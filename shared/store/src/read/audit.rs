//! The audit, which lies in a partition a month.

use intake::{
    Result, Timestamp,
    types::{Page, PageRequest, audit::AuditEntry},
};

use super::List;
use crate::{DynamoStore, keys};

/// The first month in which an audit entry can lie.
const FIRST_MONTH: &str = "AUDIT#2026-11";

impl DynamoStore {
    /// Newest first, month by month.
    pub(crate) async fn audit_page(&self, request: &PageRequest) -> Result<Page<AuditEntry>> {
        let (mut month, mut cursor) = match request.cursor.as_deref().and_then(|c| c.split_once('.')) {
            Some((month, rest)) => (format!("AUDIT#{month}"), (!rest.is_empty()).then(|| rest.to_owned())),
            None => (keys::audit_month(Timestamp::now()), None),
        };
        let limit = usize::try_from(request.limit).unwrap_or(200);
        let mut items = Vec::new();
        while month.as_str() >= FIRST_MONTH {
            let rest = PageRequest {
                limit: u32::try_from(limit - items.len()).unwrap_or(200),
                cursor: cursor.take(),
            };
            let list = List::base(month.clone(), None).newest_first();
            let page: Page<AuditEntry> = self.list(&list, &rest).await?;
            items.extend(page.items);
            let name = month.trim_start_matches("AUDIT#").to_owned();
            if items.len() >= limit {
                let next = page.next.map_or_else(
                    || month_before(&month).map(|m| format!("{}.", m.trim_start_matches("AUDIT#"))),
                    |c| Some(format!("{name}.{c}")),
                );
                return Ok(Page { items, next });
            }
            match month_before(&month) {
                Some(before) => month = before,
                None => break,
            }
        }
        Ok(Page { items, next: None })
    }
}

/// The partition of the month before; None before the first.
fn month_before(month: &str) -> Option<String> {
    let (year, of_year) = month.strip_prefix("AUDIT#")?.split_once('-')?;
    let (year, of_year): (u32, u32) = (year.parse().ok()?, of_year.parse().ok()?);
    let (year, of_year) = if of_year <= 1 { (year.checked_sub(1)?, 12) } else { (year, of_year - 1) };
    let before = format!("AUDIT#{year:04}-{of_year:02}");
    (before.as_str() >= FIRST_MONTH).then_some(before)
}
