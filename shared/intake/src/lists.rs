//! Lists from their first part to their last.

use futures::{Stream, TryStreamExt, stream};

use crate::types::{Page, PageRequest};

/// The parts of a list, one after another, each read when it is wanted. `limit`: the most entries of a part, 1 to 200.
pub fn parts<T, E, F>(limit: u32, read: impl FnMut(PageRequest) -> F) -> impl Stream<Item = Result<Vec<T>, E>>
where
    F: Future<Output = Result<Page<T>, E>>,
{
    let first = Some(PageRequest::first(limit));
    stream::try_unfold((first, read), move |(request, mut read)| async move {
        let Some(request) = request else { return Ok(None) };
        let Page { items, next } = read(request).await?;
        let rest = next.map(|next| PageRequest { limit, cursor: Some(next) });
        Ok(Some((items, (rest, read))))
    })
}

/// The entries of a list, one after another; the next part is read when those of the last one are taken.
pub fn entries<T, E, F>(limit: u32, read: impl FnMut(PageRequest) -> F) -> impl Stream<Item = Result<T, E>>
where
    F: Future<Output = Result<Page<T>, E>>,
{
    parts(limit, read).map_ok(|items| stream::iter(items.into_iter().map(Ok))).try_flatten()
}

/// All entries of a list.
pub async fn all<T, E, F>(read: impl FnMut(PageRequest) -> F) -> Result<Vec<T>, E>
where
    F: Future<Output = Result<Page<T>, E>>,
{
    parts(200, read).try_concat().await
}

/// The most entries that one part of [`chosen`] looks at.
pub const MAX_LOOKED: usize = 500;
/// In how many reads.
const MAX_READS: usize = 20;

/// A part of a list with those entries only that are wanted: as many as the page asks for, or fewer, also none, where
/// [`MAX_LOOKED`] were looked at and there are more behind them.
pub async fn chosen<T, E, F>(
    page: &PageRequest,
    wanted: impl Fn(&T) -> bool,
    read: impl Fn(PageRequest) -> F,
) -> Result<Page<T>, E>
where
    F: Future<Output = Result<Page<T>, E>>,
{
    let limit = usize::try_from(page.limit).unwrap_or(200);
    let (mut items, mut next, mut looked) = (Vec::new(), page.cursor.clone(), 0);
    for _ in 0..MAX_READS {
        // Never more than there is room for, so that the cursor is that of the last one looked at.
        let room = u32::try_from((limit - items.len()).min(MAX_LOOKED - looked)).unwrap_or(1);
        let part = read(PageRequest { limit: room, cursor: next.take() }).await?;
        looked += part.items.len();
        items.extend(part.items.into_iter().filter(&wanted));
        next = part.next;
        if next.is_none() || items.len() >= limit || looked >= MAX_LOOKED {
            break;
        }
    }
    Ok(Page { items, next })
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use futures::{FutureExt, StreamExt};

    use super::*;

    /// The numbers from 0 to 1,999, by parts.
    fn numbers(request: &PageRequest) -> Page<u32> {
        let from: u32 = request.cursor.as_deref().map_or(0, |cursor| cursor.parse().unwrap());
        let to = (from + request.limit).min(2_000);
        Page { items: (from..to).collect(), next: (to < 2_000).then(|| to.to_string()) }
    }

    #[test]
    fn what_is_wanted_is_found_part_by_part_and_nothing_is_lost() {
        for (limit, every) in [(1, 1), (1, 7), (50, 1), (50, 3), (50, 401), (200, 2), (200, 1_999)] {
            let (mut all, mut page, mut parts) = (Vec::new(), PageRequest::first(limit), 0);
            loop {
                let read = |page: PageRequest| async move { Ok::<_, ()>(numbers(&page)) };
                let part = chosen(&page, |n| n % every == 0, read).now_or_never().unwrap().unwrap();
                assert!(part.items.len() <= usize::try_from(limit).unwrap());
                all.extend(part.items);
                parts += 1;
                match part.next {
                    Some(next) => page.cursor = Some(next),
                    None => break,
                }
            }
            assert_eq!(all, (0..2_000).filter(|n| n % every == 0).collect::<Vec<_>>(), "{limit} {every}");
            assert!(parts >= 4, "no part looks at more than {MAX_LOOKED}: {parts}");
        }
    }

    /// Three parts, the second of them empty, as a part may be that is not the last.
    fn part(request: &PageRequest) -> Result<Page<u32>, &'static str> {
        let (items, next) = match request.cursor.as_deref() {
            None => (vec![1, 2], Some("b")),
            Some("b") => (vec![], Some("c")),
            Some("c") => (vec![3], None),
            _ => return Err("another list's"),
        };
        Ok(Page { items, next: next.map(str::to_owned) })
    }

    #[test]
    fn a_list_is_read_to_its_end_and_no_further_than_wanted() {
        let asked = RefCell::new(Vec::new());
        let read = |request: PageRequest| {
            asked.borrow_mut().push((request.limit, request.cursor.clone()));
            async move { part(&request) }
        };
        let now =
            |list: Vec<Result<u32, _>>| list.into_iter().map(Result::unwrap_or_default).collect::<Vec<_>>();
        assert_eq!(now(entries(2, read).take(2).collect().now_or_never().unwrap_or_default()), [1, 2]);
        assert_eq!(asked.take(), [(2, None)]);
        assert_eq!(all(read).now_or_never(), Some(Ok(vec![1, 2, 3])));
        let cursors = [None, Some("b"), Some("c")].map(|cursor| (200, cursor.map(str::to_owned)));
        assert_eq!(asked.take(), cursors);
    }

    #[test]
    fn a_list_ends_with_its_first_failure() {
        let lost = |request: PageRequest| async move {
            if request.cursor.is_some() { Err("lost") } else { part(&request) }
        };
        let read: Vec<_> = entries(2, lost).collect().now_or_never().unwrap_or_default();
        assert_eq!(read, [Ok(1), Ok(2), Err("lost")]);
    }
}
