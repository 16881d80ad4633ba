//! Which types of files are accepted: by name before anything is sent, by content when it comes.

use std::fmt::{self, Display};
use std::sync::Arc;

/// What is looked at of a file's beginning.
pub(super) const HEAD_BYTES: usize = 8192;

/// Which types of files an upload takes.
///
/// A filter is an extension (`.png`), a type (`image/jpeg`) or a family of types (`image/*`), as in the
/// attribute `accept` of an input. A file is refused at once if neither its name nor the type that the
/// browser says fits one of them; when it comes, by what it holds:
///
/// - a type with a signature, such as images, sound, video, archives, PDF and office documents, is
///   recognised by it, whatever the file is called;
/// - a type of text, such as `.txt`, `.csv`, `.md`, `.json`, `.svg` or `text/*`, is anything that reads as
///   text;
/// - a type that has no signature known here is believed by its name.
///
/// `image/*` does not take SVG, which may hold scripts; say `.svg` where it is meant.
#[derive(Clone, Default)]
pub struct Accept(Option<Arc<[Filter]>>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Filter {
    /// `.png`, in lower case.
    Extension(Box<str>),
    /// `image/jpeg`, in lower case.
    Type(Box<str>),
    /// `image/`, of `image/*`.
    Family(Box<str>),
}

/// Extensions of text.
const TEXT: [&str; 21] = [
    "css", "csv", "htm", "html", "ics", "ini", "js", "json", "log", "markdown", "md", "po", "srt",
    "svg", "toml", "tsv", "txt", "vcf", "xml", "yaml", "yml",
];

/// Types of text beside those of `text/`.
const TEXT_TYPES: [&str; 6] = [
    "application/json",
    "application/toml",
    "application/xml",
    "application/yaml",
    "application/javascript",
    "image/svg+xml",
];

/// Extensions whose files have one kind of signature, or several that none can tell apart for sure.
const ALIKE: [&[&str]; 10] = [
    &["heic", "heif"],
    &["jpg", "jpeg", "jfif"],
    &["tif", "tiff"],
    &["mp4", "m4v", "m4a", "mov"],
    &["mkv", "webm"],
    &["ogg", "oga", "ogv", "opus"],
    &["mid", "midi"],
    &["mpg", "mpeg"],
    &["zip", "docx", "xlsx", "pptx", "odt", "ods", "odp", "epub", "jar", "apk"],
    &["doc", "xls", "ppt", "msi"],
];

/// Types that are zip archives, by how they begin.
const ZIPPED: [&str; 3] = [
    "application/vnd.openxmlformats-officedocument.",
    "application/vnd.oasis.opendocument.",
    "application/epub+zip",
];

/// Types that browsers call otherwise.
const SYNONYMS: [(&str, &str); 6] = [
    ("image/heic", "image/heif"),
    ("audio/wav", "audio/x-wav"),
    ("audio/flac", "audio/x-flac"),
    ("audio/mp3", "audio/mpeg"),
    ("application/x-zip-compressed", "application/zip"),
    ("application/x-gzip", "application/gzip"),
];

/// The one type whose files may read as text and are none.
const PDF: &str = "application/pdf";

/// Types whose signature is long enough to be told from a text, which their files may read as.
const LETTERED: [&str; 3] = [PDF, "application/rtf", "application/postscript"];

/// What a file turned out to hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Content {
    found: Option<infer::Type>,
    is_text: bool,
    has_svg: bool,
}

impl Accept {
    /// Any type.
    pub const ANY: Self = Self(None);

    /// These types.
    ///
    /// # Panics
    ///
    /// When a filter is neither an extension with its dot nor a type with its slash.
    #[must_use]
    pub fn only<const N: usize>(filters: [&str; N]) -> Self {
        Self(Some(filters.into_iter().map(Filter::read).collect()))
    }

    /// Whether a file of this name and type may be of an accepted type.
    pub(super) fn takes_name(&self, name: &str, content_type: &str) -> bool {
        let Some(filters) = &self.0 else { return true };
        let (name, content_type) = (name.to_lowercase(), content_type.to_lowercase());
        filters.iter().any(|filter| filter.fits(&name, &content_type))
    }

    /// Whether a file that holds this is of an accepted type. Its name and type count only where a
    /// filter knows no signature.
    pub(super) fn takes_content(&self, content: Content, name: &str, content_type: &str) -> bool {
        let Some(filters) = &self.0 else { return true };
        let (name, content_type) = (name.to_lowercase(), content_type.to_lowercase());
        filters.iter().any(|filter| {
            filter.recognises(content).unwrap_or_else(|| filter.fits(&name, &content_type))
        })
    }

    /// The value of the attribute of an input; `None` for any.
    pub(super) fn attribute(&self) -> Option<String> {
        self.0
            .as_ref()
            .map(|filters| filters.iter().map(Filter::to_string).collect::<Vec<_>>().join(","))
    }
}

impl Filter {
    fn read(filter: &str) -> Self {
        let text = filter.to_lowercase();
        let is_plain = !text.contains([',', ' ', '"']);
        match (text.strip_prefix('.'), text.strip_suffix("/*"), text.split_once('/')) {
            (Some(extension), _, _) if is_plain && !extension.is_empty() => {
                Self::Extension(text.into())
            }
            (None, Some(family), _) if is_plain && !family.is_empty() => {
                Self::Family(format!("{family}/").into())
            }
            (None, None, Some((family, own)))
                if is_plain && !family.is_empty() && !own.is_empty() =>
            {
                Self::Type(text.into())
            }
            _ => panic!("`{filter}` is no file type: write `.png`, `image/png` or `image/*`"),
        }
    }

    /// Whether a file is called so, in lower case.
    fn fits(&self, name: &str, content_type: &str) -> bool {
        match self {
            Self::Extension(extension) => name.ends_with(&**extension),
            Self::Type(own) => **own == *content_type,
            Self::Family(family) => content_type.starts_with(&**family),
        }
    }

    /// Whether a file holds what this means; `None` if that has no signature.
    fn recognises(&self, content: Content) -> Option<bool> {
        let found = |is_it: &dyn Fn(infer::Type) -> bool| content.found.is_some_and(is_it);
        let recognised = match self {
            Self::Extension(extension) => match &extension[1..] {
                "svg" => content.is_text && content.has_svg,
                own if TEXT.contains(&own) => content.is_text,
                own => {
                    let alike = ALIKE.iter().find(|alike| alike.contains(&own));
                    let alike = alike.copied().unwrap_or(std::slice::from_ref(&own)).to_vec();
                    let is_known = |own: &&str| infer::is_supported(own);
                    if !alike.iter().any(is_known) {
                        return None;
                    }
                    found(&|found| alike.contains(&found.extension()))
                }
            },
            Self::Type(own) => match &**own {
                "image/svg+xml" => content.is_text && content.has_svg,
                own if own.starts_with("text/") || TEXT_TYPES.contains(&own) => content.is_text,
                own => {
                    let synonym = SYNONYMS.iter().find(|(other, _)| *other == own);
                    let known = synonym.map_or(own, |(_, known)| known);
                    let is_zip = ZIPPED.iter().any(|zipped| own.starts_with(zipped));
                    if !is_zip && !infer::is_mime_supported(known) {
                        return None;
                    }
                    found(&|found| {
                        found.mime_type() == known
                            || found.mime_type() == own
                            || is_zip && found.extension() == "zip"
                    })
                }
            },
            Self::Family(family) if &**family == "text/" => content.is_text,
            Self::Family(family) => found(&|found| {
                let is_ogg = &**family == "video/" && found.extension() == "ogg";
                found.mime_type().starts_with(&**family) || is_ogg
            }),
        };
        Some(recognised)
    }
}

impl Display for Filter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Extension(text) | Self::Type(text) => formatter.write_str(text),
            Self::Family(family) => write!(formatter, "{family}*"),
        }
    }
}

impl fmt::Debug for Accept {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let filters = self.attribute();
        formatter.debug_tuple("Accept").field(&filters.as_deref().unwrap_or("any")).finish()
    }
}

impl Content {
    /// Of a file that begins so.
    pub(super) fn of(head: &[u8]) -> Self {
        let is_wide = head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]);
        let reads_as_text = is_wide || !head.iter().any(is_control);
        // Two or three letters are the signature of some, and the beginning of many a text.
        let found = infer::get(head).filter(|found| {
            let is_of_text = found.matcher_type() == infer::MatcherType::Text;
            !reads_as_text || is_of_text || LETTERED.contains(&found.mime_type())
        });
        let is_text = reads_as_text && found.is_none_or(|found| found.mime_type() != PDF);
        let has_svg = head.windows(4).any(|letters| letters == b"<svg");
        Self { found, is_text, has_svg }
    }

    /// The type, if it has a signature.
    pub(super) fn media_type(self) -> Option<&'static str> {
        self.found.map(|found| found.mime_type())
    }
}

/// Whether a text does not have this byte: all control characters but tab, line and page ends, and escape.
fn is_control(byte: &u8) -> bool {
    byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    const PDF_FILE: &[u8] = b"%PDF-1.7\n";
    const EXE: &[u8] = b"MZ\x90\0\x03\0\0\0";

    fn takes<const N: usize>(filters: [&str; N], head: &[u8]) -> bool {
        Accept::only(filters).takes_content(Content::of(head), "a.unheard-of", "")
    }

    #[test]
    fn what_a_file_holds_decides_not_what_it_is_called() {
        for (head, png, image, text, pdf) in [
            (PNG, true, true, false, false),
            (PDF_FILE, false, false, false, true),
            (EXE, false, false, false, false),
            (b"name,age\nAda,36\n".as_slice(), false, false, true, false),
            (b"caf\xe9 in Latin-1".as_slice(), false, false, true, false),
            (b"\xff\xfea\0b\0".as_slice(), false, false, true, false),
            (b"".as_slice(), false, false, true, false),
        ] {
            assert_eq!(takes([".png"], head), png, "{head:?}");
            assert_eq!(takes(["image/*"], head), image, "{head:?}");
            assert_eq!(takes([".csv", "text/plain"], head), text, "{head:?}");
            assert_eq!(takes(["application/pdf"], head), pdf, "{head:?}");
            assert!(Accept::ANY.takes_content(Content::of(head), "", ""));
            assert!(takes([".unheard-of"], head), "nothing is known of it");
        }
    }

    #[test]
    fn a_filter_without_a_signature_takes_what_is_called_so_and_nothing_else() {
        let photos = Accept::only([".jpg", ".png", ".heic", "image/heic", ".unheard-of"]);
        let takes = |head, name| photos.takes_content(Content::of(head), name, "");
        assert!(!takes(EXE, "a.png") && !takes(EXE, "a.heic"));
        assert!(takes(PNG, "a.png") && takes(EXE, "a.UNHEARD-OF"));
        let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
        assert!(takes(heic, "a.heic") && takes(heic, "a.heif"));
    }

    #[test]
    fn a_text_is_known_by_its_letters_and_not_by_the_first_few() {
        for text in ["BMI,height\n22,180\n", "ID3,name\n", "MZ", "GIF or PNG?\n"] {
            let head = text.as_bytes();
            assert!(takes([".csv"], head) && takes(["text/csv"], head), "{text}");
            assert!(
                !takes(["image/*"], head) && Content::of(head).media_type().is_none(),
                "{text}"
            );
        }
        let rtf = b"{\\rtf1\\ansi Hello}";
        assert!(takes([".rtf"], rtf) && takes(["application/rtf"], rtf) && takes([".txt"], rtf));
        assert!(!takes([".rtf"], b"Hello") && !takes([".log"], b"\x01\x02"));
        assert!(takes([".log"], b"\x1b[31merror\x1b[0m\n"));
    }

    #[test]
    fn a_drawing_is_no_image_unless_it_is_asked_for() {
        let svg = b"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>";
        assert!(!takes(["image/*"], svg) && !takes([".png"], svg));
        assert!(takes([".svg"], svg) && takes(["image/svg+xml"], svg));
        assert!(!takes([".svg"], b"<html>"));
    }

    #[test]
    fn office_documents_are_archives() {
        let zip = b"PK\x03\x04\x14\0\0\0\x08\0";
        assert!(takes([".docx"], zip) && takes([".zip"], zip));
        let docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
        assert!(takes([docx], zip) && !takes([docx], PNG));
    }

    #[test]
    fn a_name_fits_by_its_extension_or_the_type_that_is_said() {
        let accept = Accept::only([".PNG", "image/jpeg", "audio/*"]);
        for (name, content_type, fits) in [
            ("a.png", "", true),
            ("A.Png", "application/octet-stream", true),
            ("a", "image/jpeg", true),
            ("a.mp3", "audio/mpeg", true),
            ("png", "", false),
            ("a.png.exe", "", false),
            ("a.gif", "image/gif", false),
        ] {
            assert_eq!(accept.takes_name(name, content_type), fits, "{name} {content_type}");
        }
        assert_eq!(accept.attribute().as_deref(), Some(".png,image/jpeg,audio/*"));
        assert_eq!(Accept::ANY.attribute(), None);
    }

    #[test]
    fn a_filter_that_no_browser_reads_is_the_authors_mistake() {
        for wrong in ["", ".", "png", "image/", "/png", "a b", "*", ".png,.jpg"] {
            assert!(std::panic::catch_unwind(|| Accept::only([wrong])).is_err(), "{wrong}");
        }
    }
}
