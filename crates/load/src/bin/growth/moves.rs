//! Live navigation by the rows of the page: another address of one view, and another view on the same socket.

use load::browser::{Page, Tab};
use load::counting::WARM_UP;

use crate::bench::{count, named};
use crate::table::Table;

const SIZES: [u64; 4] = [10, 100, 1_000, 10_000];

const N_TABS: usize = 4;

const N_ROUNDS: usize = 8;

pub(crate) fn measure() -> anyhow::Result<Table> {
    let counts = count(async |run| {
        for size in SIZES {
            let (address, path) = (run.address(), format!("/rows/{size}"));
            let tabs = run.tabs(N_TABS, &path).await?;
            let turned = |round| format!("{path}?turn={}", round + 1);
            let send = async |tab: &mut Tab, round| tab.send_patch(address, &turned(round)).await;
            let read = async |tab: &mut Tab| tab.reply().await;
            run.together(named("patch", size), tabs, N_ROUNDS, send, read).await?;
            let mut page = Page::load(address, &path).await?;
            let mut tab = Tab::join(address, &page).await?;
            for round in 0..WARM_UP + N_ROUNDS {
                if round == WARM_UP {
                    run.mark().await?;
                }
                tab.navigate(address, &mut page, &path).await?;
            }
            run.counted(named("navigate", size), N_ROUNDS).await?;
        }
        Ok(())
    })?;
    Ok(counts.table("rows", &["patch", "navigate"], &SIZES))
}
