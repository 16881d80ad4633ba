//! The test macros on queries, and what they say when they fail.

use std::env;
use std::panic::catch_unwind;
use std::process::Command;

use belvedere::telemetry::mount_span;
use belvedere_telemetry::testing::recorder;
use belvedere_telemetry::{assert_no_n_plus_one, assert_queries};
use opentelemetry::trace::{TraceContextExt, TraceId};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::n_plus_one::{COUNT_ITEMS, query};

/// The trace of a mount that ran one query for the users, and one for each of so many.
fn mount(users: usize) -> TraceId {
    recorder();
    let span = mount_span("Users");
    span.in_scope(|| {
        let tracer = opentelemetry::global::tracer("domain");
        query(&tracer, "SELECT", "users", "SELECT users.id, users.name, users.age FROM users");
        (0..users).for_each(|_| query(&tracer, "SELECT", "items", COUNT_ITEMS));
    });
    span.context().span().span_context().trace_id()
}

fn message(assertion: impl FnOnce() + std::panic::UnwindSafe) -> String {
    *catch_unwind(assertion).unwrap_err().downcast::<String>().unwrap()
}

#[test]
fn the_number_of_queries_is_asserted_on_a_trace_or_its_spans() {
    let trace_id = mount(20);
    assert_queries!(trace_id, 21);
    assert_queries!(recorder().trace(trace_id), 21);
    assert_queries!(&recorder().trace(trace_id)[..5], 5);
    assert_queries!(TraceId::INVALID, 0);
}

#[test]
fn another_number_of_queries_fails_with_the_statements() {
    let trace_id = mount(20);
    let expected = "\
Users mount ran 21 queries, 1 expected

  count  statement
     20  SELECT count(*) FROM items WHERE items.user_id = ?
      1  SELECT … FROM users";
    assert_eq!(message(move || assert_queries!(trace_id, 1)), expected);
    let none = message(|| assert_queries!(TraceId::INVALID, 1));
    assert_eq!(none, "a trace without spans ran 0 queries, 1 expected\n");
}

#[test]
fn two_runs_are_no_n_plus_one_and_three_are() {
    assert_no_n_plus_one!(mount(2));
    let trace_id = mount(3);
    let expected = "\
Users mount ran `SELECT count(*) FROM items WHERE items.user_id = ?` 3 times; load them in one \
query: group by, a join, or a list of ids

  count  statement
      3  SELECT count(*) FROM items WHERE items.user_id = ?
      1  SELECT … FROM users";
    assert_eq!(message(move || assert_no_n_plus_one!(trace_id)), expected);
}

#[test]
fn a_test_that_fails_shows_what_the_application_has_warned_of() {
    const FAILS: &str = "A_TEST_FAILS";
    if env::var_os(FAILS).is_some() {
        recorder();
        tracing::info!("the oven is on");
        tracing::warn!("the oven is cold");
        panic!("no bread");
    }
    let name = "assertions::a_test_that_fails_shows_what_the_application_has_warned_of";
    let mut itself = Command::new(env::current_exe().unwrap());
    let output = itself.args(["--exact", name]).env(FAILS, "yes").output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(shown.contains("WARN") && shown.contains("the oven is cold"), "{shown}");
    assert!(!shown.contains("the oven is on"), "{shown}");
}
