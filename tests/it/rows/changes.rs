//! Rows about importing, changing over, and what is done after an import.
