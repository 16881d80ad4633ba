//! The test macro on the size of a diff, and what it says when it fails.

use std::panic::{AssertUnwindSafe, catch_unwind};

use belvedere::assert_diff_bytes;

use crate::views::app;

#[tokio::test]
async fn the_size_of_the_last_diff_is_asserted() {
    let mut counter = app().get("/counter").await.join().await;
    counter.click("#inc").await;
    // {"0":"1","t":"Count 1"}
    assert_diff_bytes!(counter, == 23);
    assert_diff_bytes!(counter, <= 23);
    assert_diff_bytes!(counter, < 24);
}

#[tokio::test]
async fn a_larger_diff_fails_with_what_it_is_made_of() {
    let mut counter = app().get("/counter").await.join().await;
    counter.click("#inc").await;
    let assertion = AssertUnwindSafe(|| assert_diff_bytes!(counter, <= 20));
    let message = *catch_unwind(assertion).unwrap_err().downcast::<String>().unwrap();
    let expected = "\
the last diff has 23 bytes, at most 20 expected

  bytes  member
     13  \"t\":\"Count 1\"
      7  \"0\":\"1\"";
    assert_eq!(message, expected);
}
