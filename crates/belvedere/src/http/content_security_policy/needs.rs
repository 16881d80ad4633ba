//! What the elements of a page need of its Content-Security-Policy, read off its HTML; and in a debug
//! build which templates with such elements a render has put into the page.

use std::cell::RefCell;

use super::tags::{Tag, Tags};

/// The type of a `<script>` that holds speculation rules.
const RULES: &str = "speculationrules";

/// Stands for what the text of a template leaves open.
const HOLE: char = '\u{FFFC}';

thread_local! {
    /// Of the render under way, if anybody asked.
    static NOTED: RefCell<Option<Vec<Noted>>> = const { RefCell::new(None) };
}

/// A template with such elements.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Noted {
    /// File and line.
    pub(super) location: &'static str,
    pub(super) needs: &'static [Need],
}

/// Something that a browser does for an element if the policy lets it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Need {
    /// The element's name.
    pub(super) element: String,
    pub(super) kind: Kind,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Run the text in a `<script>`, of this nonce, or follow the speculation rules there.
    Script { text: String, nonce: Option<String>, are_rules: bool },
    /// Apply the text in a `<style>`, of this nonce.
    Style { text: String, nonce: Option<String> },
    /// Apply the attribute `style`.
    StyleAttribute { text: String },
    /// Run the text of this attribute, such as `onclick`.
    Handler { attribute: String, text: String },
    /// Run an address that begins with `javascript:`.
    Code { attribute: &'static str },
    /// Take from an address, or send to it.
    Address { attribute: &'static str, directives: Directives, url: String, given: Given },
}

/// What else than its address lets an element take something.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Given {
    pub(super) nonce: Option<String>,
    /// The hashes that a script has to have.
    pub(super) integrity: Option<String>,
}

/// Those that say it, of which the first in a policy counts.
pub(super) type Directives = &'static [&'static str];

pub(super) const SCRIPT: Directives = &["script-src-elem", "script-src", "default-src"];
pub(super) const HANDLER: Directives = &["script-src-attr", "script-src", "default-src"];
pub(super) const STYLE: Directives = &["style-src-elem", "style-src", "default-src"];
pub(super) const STYLE_ATTRIBUTE: Directives = &["style-src-attr", "style-src", "default-src"];
const IMAGE: Directives = &["img-src", "default-src"];
const MEDIA: Directives = &["media-src", "default-src"];
const FRAME: Directives = &["frame-src", "child-src", "default-src"];
const OBJECT: Directives = &["object-src", "default-src"];
const MANIFEST: Directives = &["manifest-src", "default-src"];
const FORM: Directives = &["form-action"];
const BASE: Directives = &["base-uri"];

/// What a page of this HTML needs.
pub(crate) fn needs(html: &str) -> Vec<Need> {
    Tags(html).flat_map(|tag| needs_of(&tag)).collect()
}

/// What a template of these texts needs, with a hole between two, and what its holes may show.
pub(crate) fn needs_of_template(texts: &[Box<str>], may_show: &str) -> Box<[Need]> {
    let mut found = needs(&texts.join(&HOLE.to_string()));
    found.extend(needs(may_show));
    found.retain(|need| match &need.kind {
        Kind::Handler { attribute, .. } => !is_open(attribute),
        Kind::Address { url, .. } => !is_open(url),
        _ => !is_open(&need.element),
    });
    found.into()
}

/// Notes that a template stands in the page.
pub(crate) fn note(location: &'static str, needs: &'static [Need]) {
    NOTED.with_borrow_mut(|noted| {
        let Some(noted) = noted.as_mut().filter(|_| !needs.is_empty()) else { return };
        if !noted.iter().any(|known| std::ptr::eq(known.needs, needs)) {
            noted.push(Noted { location, needs });
        }
    });
}

/// Adds what was noted elsewhere, each once.
pub(crate) fn add(all: &mut Vec<Noted>, noted: Vec<Noted>) {
    for one in noted {
        if !all.iter().any(|known| std::ptr::eq(known.needs, one.needs)) {
            all.push(one);
        }
    }
}

/// Runs `render`, and returns what was noted: nothing in a release build.
pub(crate) fn during<T>(render: impl FnOnce() -> T) -> (T, Vec<Noted>) {
    if !cfg!(debug_assertions) {
        return (render(), Vec::new());
    }
    let outer = NOTED.replace(Some(Vec::new()));
    let value = render();
    (value, NOTED.replace(outer).unwrap_or_default())
}

/// Whether a template leaves some of it open.
pub(super) fn is_open(text: &str) -> bool {
    text.contains(HOLE)
}

fn needs_of(tag: &Tag<'_>) -> Vec<Need> {
    let nonce = || tag.value("nonce").map(str::to_owned);
    let mut kinds = Vec::new();
    if tag.name == "script" && is_code(tag) && tag.value("src").is_none() && !tag.content.is_empty()
    {
        let (text, are_rules) = (tag.content.to_owned(), script_type(tag) == RULES);
        kinds.push(Kind::Script { text, nonce: nonce(), are_rules });
    }
    if tag.name == "style" && !tag.content.is_empty() {
        kinds.push(Kind::Style { text: tag.content.to_owned(), nonce: nonce() });
    }
    if let Some(text) = tag.value("style") {
        kinds.push(Kind::StyleAttribute { text: text.to_owned() });
    }
    let handlers = tag.names().map(|name| (name.to_ascii_lowercase(), tag.value(name)));
    let handlers = handlers.filter(|(name, _)| is_handler(name));
    kinds.extend(handlers.map(|(attribute, text)| Kind::Handler {
        attribute,
        text: text.unwrap_or_default().to_owned(),
    }));
    let integrity = || tag.value("integrity").filter(|_| tag.name == "script").map(str::to_owned);
    for attribute in ["href", "src", "action", "formaction", "poster", "data"] {
        let value = tag.value(attribute).unwrap_or_default().trim_start();
        if starts_with(value, "javascript:") {
            kinds.push(Kind::Code { attribute });
        } else if let Some(directives) = directives(tag, attribute)
            && !value.is_empty()
        {
            let given = Given { nonce: nonce(), integrity: integrity() };
            kinds.push(Kind::Address { attribute, directives, url: value.to_owned(), given });
        }
    }
    if let ("img" | "source", Some(set)) = (tag.name.as_str(), tag.value("srcset")) {
        kinds.extend(urls_of_set(set).map(|url| Kind::Address {
            attribute: "srcset",
            directives: IMAGE,
            url: url.to_owned(),
            given: Given::default(),
        }));
    }
    kinds.into_iter().map(|kind| Need { element: tag.name.clone(), kind }).collect()
}

/// What governs an attribute with an address.
fn directives(tag: &Tag<'_>, attribute: &'static str) -> Option<Directives> {
    Some(match (tag.name.as_str(), attribute) {
        ("script", "src") if is_code(tag) => SCRIPT,
        ("img" | "input", "src") => IMAGE,
        ("audio" | "video" | "source" | "track", "src") => MEDIA,
        ("iframe", "src") => FRAME,
        ("embed", "src") | ("object", "data") => OBJECT,
        ("video", "poster") => IMAGE,
        ("form", "action") | (_, "formaction") => FORM,
        ("base", "href") => BASE,
        ("link", "href") => of_link(tag.value("rel").unwrap_or_default())?,
        _ => return None,
    })
}

/// The addresses of a `srcset`: `a.png 1x, b.png 2x`. Source: HTML Standard, section "Parsing a srcset
/// attribute"; parentheses, which no descriptor has, are not looked at.
fn urls_of_set(set: &str) -> impl Iterator<Item = &str> {
    let is_space = |letter: char| letter.is_ascii_whitespace();
    let mut rest = set;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|letter| is_space(letter) || letter == ',');
        let (url, after) = rest.split_at(rest.find(is_space).unwrap_or(rest.len()));
        // An address may hold commas, and those at its end are no part of it.
        let bare = url.trim_end_matches(',');
        rest =
            if bare == url { after.split_once(',').map_or("", |(_, after)| after) } else { after };
        (!bare.is_empty()).then_some(bare)
    })
}

fn of_link(rel: &str) -> Option<Directives> {
    rel.split_ascii_whitespace().find_map(|word| match word.to_ascii_lowercase().as_str() {
        "stylesheet" => Some(STYLE),
        "icon" | "apple-touch-icon" => Some(IMAGE),
        "modulepreload" => Some(SCRIPT),
        "manifest" => Some(MANIFEST),
        _ => None,
    })
}

/// Whether a `<script>` is run: one of another type holds data.
fn is_code(tag: &Tag<'_>) -> bool {
    let kind = script_type(tag);
    matches!(kind.as_str(), "" | "module" | "importmap" | RULES)
        || kind.ends_with("/javascript")
        || kind.ends_with("/ecmascript")
}

fn script_type(tag: &Tag<'_>) -> String {
    tag.value("type").unwrap_or_default().trim().to_ascii_lowercase()
}

fn starts_with(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// Whether an attribute of this name, in lower case, is a script.
fn is_handler(name: &str) -> bool {
    name.strip_prefix("on").is_some_and(|event| EVENTS.split(' ').any(|known| known == event))
}

/// The events of which HTML has an attribute. Source: HTML Standard, section "Event handlers on elements,
/// Document objects, and Window objects", and the specifications that add to it.
const EVENTS: &str = "abort afterprint animationcancel animationend animationiteration animationstart auxclick \
     beforeinput beforematch beforeprint beforetoggle beforeunload blur cancel canplay \
     canplaythrough change click close command contextlost contextmenu contextrestored copy \
     cuechange cut dblclick drag dragend dragenter dragleave dragover dragstart drop \
     durationchange emptied ended error focus formdata gotpointercapture hashchange input invalid \
     keydown keypress keyup languagechange load loadeddata loadedmetadata loadstart \
     lostpointercapture message messageerror mousedown mouseenter mouseleave mousemove mouseout \
     mouseover mouseup offline online pagehide pageshow paste pause play playing pointercancel \
     pointerdown pointerenter pointerleave pointermove pointerout pointerover pointerup popstate \
     progress ratechange reset resize scroll scrollend seeked seeking select selectstart \
     slotchange stalled storage submit suspend timeupdate toggle touchstart transitionend unload \
     volumechange wheel";

#[cfg(test)]
mod tests {
    use super::*;

    fn read(html: &str) -> Vec<(String, String)> {
        let kinds = needs(html).into_iter();
        kinds.map(|need| (need.element, format!("{:?}", need.kind))).collect()
    }

    #[test]
    fn what_is_inline_needs_to_be_let() {
        let html = "<p STYLE='a'><script>go()</script><script src=\"\"></script><script></script>\
             <script type=\"application/json\">{}</script><script nonce=n type=text/javascript>1</script>\
             <script type=speculationrules>{}</script><style></style><style>p{}</style><b onclick=go one ontology onclickx></b>\
             <a href=\" JavaScript:go()\"><!-- <i style=1> --><textarea><i style=1></textarea>";
        let found = read(html);
        let expected = [
            ("p", "StyleAttribute { text: \"a\" }"),
            ("script", "Script { text: \"go()\", nonce: None, are_rules: false }"),
            ("script", "Script { text: \"1\", nonce: Some(\"n\"), are_rules: false }"),
            ("script", "Script { text: \"{}\", nonce: None, are_rules: true }"),
            ("style", "Style { text: \"p{}\", nonce: None }"),
            ("b", "Handler { attribute: \"onclick\", text: \"go\" }"),
            ("a", "Code { attribute: \"href\" }"),
        ];
        assert_eq!(found, expected.map(|(element, kind)| (element.to_owned(), kind.to_owned())));
    }

    #[test]
    fn an_address_needs_the_directive_of_its_element() {
        let html = "<script src=1></script><img src=2><link rel='icon x' href=3>\
             <link rel=stylesheet href=4><iframe src=5></iframe><form action=6><a href=7>\
             <link rel=preload href=8><video src=9 poster=10><object data=11></object>\
             <img srcset=\"12,, 13 2x , 14,15 200w,16\"><source srcset=' data:a,b 1x,17'>\
             <b srcset=18>";
        let found = needs(html).into_iter().filter_map(|need| match need.kind {
            Kind::Address { directives, url, .. } => Some((directives[0], url)),
            _ => None,
        });
        let expected = [
            ("script-src-elem", "1"),
            ("img-src", "2"),
            ("img-src", "3"),
            ("style-src-elem", "4"),
            ("frame-src", "5"),
            ("form-action", "6"),
            ("media-src", "9"),
            ("img-src", "10"),
            ("object-src", "11"),
            ("img-src", "12"),
            ("img-src", "13"),
            ("img-src", "14,15"),
            ("img-src", "16"),
            ("img-src", "data:a,b"),
            ("img-src", "17"),
        ];
        assert_eq!(
            found.collect::<Vec<_>>(),
            expected.map(|(directive, url)| (directive, url.to_owned()))
        );
    }

    #[test]
    fn what_a_template_leaves_open_is_no_need() {
        let texts = ["<img src=\"", "\"><p", "><b style=\"", "\"><i on", "=\"\">"];
        let needs = needs_of_template(&texts.map(Into::into), "<u onclick=\"\">");
        let elements: Vec<_> = needs.iter().map(|need| need.element.as_str()).collect();
        assert_eq!(elements, ["b", "u"], "{needs:?}");
        assert!(matches!(needs[0].kind, Kind::StyleAttribute { .. }));
    }
}
