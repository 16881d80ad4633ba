//! The tests of *Tests* are those that its reader writes.
