//! `/users/export.csv`: one for an address, and not too many in all.

use belvedere::http::ClientNetwork;
use domain::testing;
use http::{StatusCode, header};
use web::shares::Whose;

use crate::app::App;

#[tokio::test(flavor = "multi_thread")]
async fn who_exports_already_and_who_is_one_too_many_is_told_to_come_again() {
    let database = testing::sqlite().await;
    let app = App::new(database.repo.clone());
    let share = |last: u8| {
        let network = ClientNetwork::of([192, 0, 2, last].into());
        app.exports.share(Whose::Network(network)).expect("there is one")
    };
    let at = |last: u8| app.visitor().visitor_at([192, 0, 2, last].into());
    let export = async |last| at(last).get("/users/export.csv").await;
    let first = share(1);
    let refused = export(1).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.headers[header::RETRY_AFTER], "5");
    assert!(refused.text("h1").contains("Busy just now"), "{}", refused.html);
    assert_eq!(export(2).await.status, StatusCode::OK, "another address");

    let ten: Vec<_> = (2..=10).map(share).collect();
    assert_eq!(export(41).await.status, StatusCode::OK, "ten that read slowly leave others theirs");
    let others: Vec<_> = (11..=40).map(share).collect();
    assert_eq!(export(41).await.status, StatusCode::SERVICE_UNAVAILABLE, "there are forty");
    drop((first, ten, others));
    for _ in 0..2 {
        assert_eq!(export(1).await.status, StatusCode::OK, "it is given back at the end");
    }
}
