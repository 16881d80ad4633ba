//! What a visitor does, and what the page must show then.

use load::browser::{Tab, click};
use load::visitor::below;
use tokio::time::{Instant, timeout, timeout_at};

use crate::desk::{AWAY, DESK};
use crate::shown::Shown;
use crate::visitor::{ANSWER, Stop, Visitor};

/// Bytes of a file.
const FILE_BYTES: usize = 20_000;

/// What a visitor does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    Click,
    Store,
    Type,
    /// To another address of the desk.
    Turn,
    Navigate,
    Upload,
    /// The socket is lost without a word.
    Drop,
    /// The page is closed, and another one opened.
    Close,
}

/// Something that was to be stored, and whether its answer came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Act {
    pub(crate) number: i64,
    pub(crate) is_answered: bool,
}

impl Deed {
    /// What most do most.
    pub(crate) fn any() -> Self {
        match below(100) {
            0..45 => Self::Click,
            45..62 => Self::Store,
            62..77 => Self::Type,
            77..85 => Self::Turn,
            85..89 => Self::Navigate,
            89..92 => Self::Upload,
            92..97 => Self::Drop,
            _ => Self::Close,
        }
    }
}

impl Visitor {
    /// Does it. On the page away from the desk there is only one thing to do.
    pub(crate) async fn does(&mut self, tab: &mut Tab, deed: Deed) -> Result<(), Stop> {
        if self.shown.is_none() {
            return self.navigate(tab, &format!("{DESK}?page=1")).await;
        }
        match deed {
            Deed::Click => self.click(tab).await,
            Deed::Store => self.store(tab).await,
            Deed::Type => {
                self.typed += 1;
                self.say_typed(tab).await
            }
            Deed::Turn => self.turn(tab).await,
            Deed::Navigate => self.navigate(tab, AWAY).await,
            Deed::Upload => self.upload(tab).await,
            Deed::Drop => {
                self.figures.dropped.add();
                Err(Stop::Left)
            }
            Deed::Close => {
                self.figures.closed.add();
                self.page = None;
                Err(Stop::Left)
            }
        }
    }

    pub(crate) async fn click(&mut self, tab: &mut Tab) -> Result<(), Stop> {
        self.clicks.sent();
        self.push(tab, &click("inc", "{}")).await?;
        if let Some(shown) = &self.shown {
            let difference = self.clicks.is_answered(shown.number);
            self.figures.differs(self.number, "clicked", difference);
        }
        Ok(())
    }

    async fn store(&mut self, tab: &mut Tab) -> Result<(), Stop> {
        let act = self.begin_act();
        let value = format!(r#"{{"visitor":"{}","act":"{act}"}}"#, self.number);
        self.push(tab, &click("store", &value)).await?;
        self.end_act(act);
        Ok(())
    }

    /// Says what stands in the input, which the page then shows.
    pub(crate) async fn say_typed(&mut self, tab: &mut Tab) -> Result<(), Stop> {
        let text = format!("w{}", self.typed);
        let payload = format!(
            r#"{{"type":"form","event":"typed","value":"text={text}&_target=text","uploads":{{}}}}"#
        );
        self.push(tab, &payload).await?;
        if self.shown.as_ref().is_some_and(|shown| shown.text != text) {
            self.figures.mistaken.add();
        }
        Ok(())
    }

    async fn turn(&mut self, tab: &mut Tab) -> Result<(), Stop> {
        let next = self.shown.as_ref().map_or(1, |shown| shown.page % 9 + 1);
        let path = format!("{DESK}?page={next}");
        self.figures.sent.add();
        tab.send_patch(self.server, &path).await?;
        let answered = timeout(ANSWER, tab.reply()).await;
        if let (Ok(Ok(_)), Some(page)) = (&answered, &mut self.page) {
            page.patched(&path);
        }
        self.look(tab);
        answered.map_err(|_| Stop::Unanswered)??;
        self.figures.answered.add();
        if self.shown.as_ref().is_some_and(|shown| shown.page != next) {
            self.figures.mistaken.add();
        }
        Ok(())
    }

    /// To a page that begins anew. Whatever becomes of the socket, the visitor is on the way there.
    pub(crate) async fn navigate(&mut self, tab: &mut Tab, path: &str) -> Result<(), Stop> {
        let Some(page) = &mut self.page else { return Ok(()) };
        self.figures.sent.add();
        let answered = timeout(ANSWER, tab.navigate(self.server, page, path)).await;
        self.forget_desk();
        // What came before the answer is of the page before.
        tab.heard();
        self.take(&answered.map_err(|_| Stop::Unanswered)??);
        self.figures.answered.add();
        self.figures.navigated.add();
        Ok(())
    }

    async fn upload(&mut self, tab: &mut Tab) -> Result<(), Stop> {
        let Some(Shown { upload, .. }) = self.shown.clone() else { return Ok(()) };
        let act = self.begin_act();
        let mut bytes = format!("{} {act}\n", self.number).into_bytes();
        bytes.resize(FILE_BYTES, b'.');
        self.n_files += 1;
        self.figures.sent.add();
        let sent = timeout(ANSWER, tab.send_file(&upload, self.n_files, &bytes)).await;
        self.look(tab);
        sent.map_err(|_| Stop::Unanswered)??;
        // What is done with the file follows its last answer.
        let until = Instant::now() + ANSWER;
        while self.shown.as_ref().is_some_and(|shown| shown.stored != act) {
            let received = timeout_at(until, tab.receive()).await;
            received.map_err(|_| Stop::Unanswered)??;
            self.look(tab);
        }
        self.figures.answered.add();
        self.figures.uploaded.add();
        self.end_act(act);
        Ok(())
    }

    /// Sends an event, and looks at its answer.
    async fn push(&mut self, tab: &mut Tab, payload: &str) -> Result<(), Stop> {
        self.figures.sent.add();
        let answered = timeout(ANSWER, tab.push(payload)).await;
        self.look(tab);
        answered.map_err(|_| Stop::Unanswered)??;
        self.figures.answered.add();
        Ok(())
    }

    fn begin_act(&mut self) -> i64 {
        let number = self.acts.last().map_or(1, |last| last.number + 1);
        self.acts.push(Act { number, is_answered: false });
        number
    }

    /// It counts as answered when the page shows it.
    fn end_act(&mut self, number: i64) {
        let is_shown = self.shown.as_ref().is_some_and(|shown| shown.stored == number);
        match self.acts.last_mut() {
            Some(last) if is_shown => last.is_answered = true,
            _ => self.figures.failed.add(),
        }
    }
}
