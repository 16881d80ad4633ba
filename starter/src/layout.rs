//! The page around every view.

use std::sync::LazyLock;

use belvedere::http::assets::Asset;
use belvedere::http::page::Page;
use maud::{DOCTYPE, Markup, html};

/// The style sheet, served under a name that changes with its content.
pub static STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::embedded("/assets/app.css", include_bytes!("../assets/app.css")));

/// The document.
pub fn page(page: &Page<'_>) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="csrf-token" content=(page.csrf_token);
                title data-default="{{project-name}}" { (page.title.unwrap_or("{{project-name}}")) }
                link rel="icon" href="data:,";
                (page.style_tag(&STYLE))
                (page.client_tags())
                (page.bootstrap_tag())
            }
            body { main { (page.view) } }
        }
    }
}
