//! IMAP: connect, sign in, list new mail, read it.
