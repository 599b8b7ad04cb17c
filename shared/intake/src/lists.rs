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

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use futures::{FutureExt, StreamExt};

    use super::*;

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
