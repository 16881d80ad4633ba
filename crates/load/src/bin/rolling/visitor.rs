//! One visitor: loads the page, joins it, clicks, and comes back when the socket is lost.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use load::browser::{BrowserError, Page, Tab, click};
use load::visitor::{address, pause, random};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::figures::Figures;

/// Between two clicks, about.
const BETWEEN_CLICKS: Duration = Duration::from_secs(2);

/// Visits until told to stop. Whether the last click was answered.
pub(crate) async fn visit(
    server: SocketAddr,
    number: usize,
    figures: Arc<Figures>,
    mut stopped: watch::Receiver<bool>,
) -> bool {
    let from = address(number);
    let (mut page, mut tries) = (None, 0);
    loop {
        match come(server, from, &mut page, &figures).await {
            Ok(mut tab) => {
                let is_over = tokio::select! {
                    () = clicks(&mut tab, &figures) => false,
                    _ = stopped.wait_for(|stopped| *stopped) => true,
                };
                if is_over {
                    return tab.push(&click("inc", "{}")).await.is_ok();
                }
                figures.lost();
                tries = 0;
            }
            Err(error) => figures.refused(&error),
        }
        sleep(pause(tries)).await;
        tries += 1;
    }
}

/// Loads the page, unless it is there, and joins it.
async fn come(
    server: SocketAddr,
    from: IpAddr,
    page: &mut Option<Page>,
    figures: &Figures,
) -> Result<Tab, BrowserError> {
    let is_back = page.is_some();
    let page = match page {
        Some(page) => page,
        None => page.insert(Page::load_from(from, server, "/counter").await?),
    };
    let tab = Tab::join(server, page).await?;
    figures.joined(is_back);
    Ok(tab)
}

/// Clicks until the socket is lost.
async fn clicks(tab: &mut Tab, figures: &Figures) {
    loop {
        // What comes between clicks is the end of the socket.
        let wait = BETWEEN_CLICKS / 2 + random(BETWEEN_CLICKS);
        if let Ok(Err(_)) = timeout(wait, tab.receive()).await {
            return;
        }
        if tab.push(&click("inc", "{}")).await.is_err() {
            return figures.unanswered();
        }
        figures.answered();
    }
}
