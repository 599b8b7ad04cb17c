//! What a FETCH asks for.

use super::cursor::{Cursor, Malformed};
use super::section::Section;

/// Items in one command.
const MAX_ITEMS: usize = 32;

/// One thing to tell about a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    Uid,
    Flags,
    InternalDate,
    Size,
    Body(Body),
}

/// Bytes of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Body {
    /// As it is named in the answer, such as `BODY[HEADER]`; without the offset.
    pub(crate) label: String,
    pub(crate) section: Section,
    /// Leaves \Seen alone.
    pub(crate) peek: bool,
    /// Offset and length.
    pub(crate) piece: Option<(u64, u64)>,
}

/// A list of items in brackets, one item, or FAST.
pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Result<Vec<Item>, Malformed> {
    if !cursor.eat(b'(') {
        return one(cursor);
    }
    let mut items = Vec::new();
    loop {
        items.extend(one(cursor)?);
        if items.len() > MAX_ITEMS {
            return Err(Malformed("too many items"));
        }
        if cursor.eat(b')') {
            return Ok(items);
        }
        cursor.space()?;
    }
}

fn one(cursor: &mut Cursor<'_>) -> Result<Vec<Item>, Malformed> {
    let name = cursor.name()?;
    let whole = |section, peek| {
        let body = Body { label: name.clone(), section, peek, piece: None };
        Ok(vec![Item::Body(body)])
    };
    match name.as_str() {
        "UID" => Ok(vec![Item::Uid]),
        "FLAGS" => Ok(vec![Item::Flags]),
        "INTERNALDATE" => Ok(vec![Item::InternalDate]),
        "RFC822.SIZE" => Ok(vec![Item::Size]),
        "FAST" => Ok(vec![Item::Flags, Item::InternalDate, Item::Size]),
        "RFC822" => whole(Section::Whole, false),
        "RFC822.HEADER" => whole(Section::Header, true),
        "RFC822.TEXT" => whole(Section::Text, false),
        "BODY" => body(cursor, false),
        "BODY.PEEK" => body(cursor, true),
        _ => Err(Malformed("this item is not offered")),
    }
}

fn body(cursor: &mut Cursor<'_>, peek: bool) -> Result<Vec<Item>, Malformed> {
    cursor.expect(b'[', "only BODY[...] is offered")?;
    let (inner, section) = section(cursor)?;
    cursor.expect(b']', "a bracket is missing")?;
    let piece = if cursor.eat(b'<') {
        let offset = cursor.number()?;
        cursor.expect(b'.', "a length is missing")?;
        let length = cursor.number()?;
        cursor.expect(b'>', "a bracket is missing")?;
        Some((offset, length))
    } else {
        None
    };
    Ok(vec![Item::Body(Body { label: format!("BODY[{inner}]"), section, peek, piece })])
}

fn section(cursor: &mut Cursor<'_>) -> Result<(String, Section), Malformed> {
    if cursor.peek() == Some(b']') {
        return Ok((String::new(), Section::Whole));
    }
    let name = cursor.name()?;
    match name.as_str() {
        "HEADER" => Ok((name, Section::Header)),
        "TEXT" => Ok((name, Section::Text)),
        "HEADER.FIELDS" | "HEADER.FIELDS.NOT" => {
            cursor.space()?;
            cursor.expect(b'(', "a list of names is missing")?;
            let mut names = vec![cursor.astring()?.to_ascii_uppercase()];
            while cursor.eat(b' ') && names.len() < MAX_ITEMS {
                names.push(cursor.astring()?.to_ascii_uppercase());
            }
            cursor.expect(b')', "a list of names does not end")?;
            let label = format!("{name} ({})", names.join(" "));
            let others = name == "HEADER.FIELDS.NOT";
            Ok((label, Section::Fields { names: names.into_iter().collect(), others }))
        }
        _ => Err(Malformed("this section is not offered")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_items_is_read_in_order() {
        let text = b"(UID RFC822.SIZE BODY.PEEK[]<0.100> BODY[HEADER.FIELDS (From \"Subject\")])";
        let items = parse(&mut Cursor::new(text)).unwrap();
        assert_eq!(items[..2], [Item::Uid, Item::Size]);
        let Item::Body(piece) = &items[2] else { panic!("a body was asked for") };
        assert_eq!((piece.label.as_str(), piece.peek, piece.piece), ("BODY[]", true, Some((0, 100))));
        let Item::Body(fields) = &items[3] else { panic!("fields were asked for") };
        assert_eq!(fields.label, "BODY[HEADER.FIELDS (FROM SUBJECT)]");
    }

    #[test]
    fn what_is_not_offered_is_refused() {
        for text in
            ["ENVELOPE", "BODYSTRUCTURE", "BODY", "BODY[1.2]", "BODY[]<1>", "(UID", "BODY[HEADER.FIELDS ()]"]
        {
            assert!(parse(&mut Cursor::new(text.as_bytes())).is_err(), "{text}");
        }
    }
}
