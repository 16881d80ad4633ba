//! What stands at the end of *Database and traces*.

use belvedere_telemetry::{assert_no_n_plus_one, assert_queries};

desk_with_three_people!();

#[tokio::test]
async fn the_database_counts() {
    let (page, _database) = page().await;
    assert_eq!(page.text("#people"), "Ann 1 Bob 1 Cleo 1");
    assert_queries!(page.trace_id(), 2);
    assert_no_n_plus_one!(page.trace_id());
}
