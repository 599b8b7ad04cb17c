//! JSON pointers (RFC 6901): the places of values in documents.

use serde_path_to_error::{Path, Segment};

/// The pointer that leads through these names.
pub fn of<N: AsRef<str>>(names: impl IntoIterator<Item = N>) -> String {
    let token = |name: N| format!("/{}", name.as_ref().replace('~', "~0").replace('/', "~1"));
    names.into_iter().map(token).collect()
}

/// The pointer to where serde found something.
pub fn of_path(path: &Path) -> String {
    of(path.iter().filter_map(|segment| match segment {
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Map { key: name } | Segment::Enum { variant: name } => Some(name.clone()),
        Segment::Unknown => None,
    }))
}

/// The names that a pointer leads through.
pub fn names(pointer: &str) -> impl Iterator<Item = String> {
    pointer.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_lead_through_any_names() {
        for (all, pointer) in [(vec![], ""), (vec!["a", "0"], "/a/0"), (vec!["a/b", "~1", ""], "/a~1b/~01/")]
        {
            assert_eq!(of(&all), pointer);
            assert_eq!(names(pointer).collect::<Vec<_>>(), all);
        }
    }
}
