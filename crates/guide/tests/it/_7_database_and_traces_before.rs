//! What *Database and traces* shows before its cure.

use belvedere_telemetry::assert_queries;

desk_with_three_people!();

#[tokio::test]
async fn each_person_is_asked_for() {
    let (page, _database) = page().await;
    assert_eq!(page.text("#people"), "Ann 1 Bob 1 Cleo 1");
    assert_queries!(page.trace_id(), 5);
    let spans = recorder().trace(page.trace_id());
    assert!(spans.iter().any(|span| span.name == "Desk mount"), "{spans:?}");
}
