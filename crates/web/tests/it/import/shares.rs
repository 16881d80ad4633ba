//! Files that are looked at: one of a visitor at a time, and a bounded number of all.

use belvedere::http::ClientNetwork;
use domain::testing;
use web::shares::Whose;

use super::{Server, choose, open};

const FILE: &str = "name,age\nAnn,40\n";

fn of(last: u8) -> Whose {
    Whose::Network(ClientNetwork::of([192, 0, 2, last].into()))
}

#[tokio::test(flavor = "multi_thread")]
async fn one_file_of_an_address_is_looked_at() {
    let database = testing::sqlite().await;
    let server = Server::new(&database.repo);
    let app = server.app.visitor().visitor_at([192, 0, 2, 1].into());
    let mut page = open(&app).await;
    let share = server.app.imports.share(of(1)).expect("nobody has a file here");
    choose(&mut page, FILE).await;
    let refused = "Another file of yours is being looked at. Choose this one again in a moment.";
    assert_eq!(page.text("#flash .flash"), refused);
    assert!(page.texts("#report").is_empty() && page.texts("#format").len() == 1);
    let mut other = open(&app.visitor_at([192, 0, 2, 2].into())).await;
    choose(&mut other, FILE).await;
    assert_eq!(other.texts("#start").len(), 1, "an address takes nothing from another");

    drop(share);
    for _ in 0..2 {
        choose(&mut page, FILE).await;
        assert_eq!(page.texts("#start").len(), 1);
    }
    assert!(
        server.app.imports.share(of(1)).is_ok(),
        "it is given back when the file was looked at"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bounded_number_of_files_is_looked_at() {
    let database = testing::sqlite().await;
    let server = Server::new(&database.repo);
    let shares: Vec<_> = (0..=255).map_while(|n| server.app.imports.share(of(n)).ok()).collect();
    assert_eq!(shares.len(), 32);
    let mut page = open(&server.app.visitor()).await;
    choose(&mut page, FILE).await;
    assert!(page.text("#flash .flash").starts_with("Many files are being looked at."));
    drop(shares);
    choose(&mut page, FILE).await;
    assert_eq!(page.texts("#start").len(), 1);
}
