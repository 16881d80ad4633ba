//! Guards of a page are asked before files are sent, and before what has come is taken.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use belvedere::{EventRefusal, GuardedEvent};

use super::album::Place;
use super::{auto, listed, options, text};

const REFUSED: &str = "Files may not be sent here now.";

/// Lets all through until it is told not to, and writes down what it is asked.
#[derive(Clone, Default)]
struct Gate {
    is_shut: Arc<AtomicBool>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Gate {
    fn place(&self, options: belvedere::upload::UploadOptions, takes_each: bool) -> Place {
        let gate = self.clone();
        Place::guarded(options, takes_each, move |event: &GuardedEvent<'_>| {
            let does = if event.only_reads { "reads" } else { "writes" };
            gate.asked.lock().unwrap().push(format!("{} {does}", event.name));
            match gate.is_shut.load(Ordering::Relaxed) {
                true => Err(EventRefusal::flash("error", "Read only.")),
                false => Ok(()),
            }
        })
    }

    fn shut(&self, is_shut: bool) {
        self.is_shut.store(is_shut, Ordering::Relaxed);
    }
}

#[tokio::test]
async fn what_a_guard_refuses_is_not_sent() {
    for options in [auto(), options()] {
        let gate = Gate::default();
        let place = gate.place(options.clone(), true);
        let mut view = place.join().await;
        gate.shut(true);
        let files = ["a.txt", "b.txt"].map(|name| text(name, 40_000));
        view.form("#album").choose_files("Photos", files).await;
        if !options.auto {
            let upload = view.attribute("input", "id").unwrap();
            let files = ["0", "1"]
                .map(|entry| serde_json::json!({ "ref": entry, "name": "a.txt", "size": 40_000 }));
            let asked = serde_json::json!({ "ref": upload, "entries": files });
            view.send("allow_upload", asked).await;
        }
        assert_eq!(listed(&view), ["a.txt", "b.txt"].map(|name| format!("{name} 0%{REFUSED}")));
        assert_eq!(view.text(".flash.error"), "Read only.");
        assert_eq!((place.n_files(), place.saved()), (0, vec![]));
        assert_eq!(gate.asked.lock().unwrap().last().unwrap(), "belvedere:upload writes");
        gate.shut(false);
        view.click("#reset").await;
        view.form("#album").choose_files("Photos", [text("c.txt", 40_000)]).await;
        if !options.auto {
            view.form("#album").press("Save").await;
        }
        assert_eq!((place.saved(), place.n_files()), (vec!["c.txt".to_owned()], 0));
    }
}

#[tokio::test]
async fn what_a_guard_refuses_when_it_has_come_is_not_taken_and_gone() {
    let gate = Gate::default();
    let place = gate.place(auto(), true);
    let mut view = place.join().await;
    view.form("#album").choose_files("Photos", [text("a.txt", 40_000).stalling_after(2)]).await;
    gate.shut(true);
    view.resume_uploads().await;
    assert_eq!((place.saved(), place.n_files()), (vec![], 0));
    assert_eq!(listed(&view), [format!("a.txt 100%{REFUSED}")]);
    assert_eq!(view.text(".flash.error"), "Read only.");
}
